import { useEffect, useRef } from "react";
import { Form } from "react-router";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { PreferenceSwitches } from "./preference-switches.tsx";
import type { ShellOperator } from "./shell-frame.tsx";

/** Who is signed in, how it looks, and the way out. A `<details>`, so it opens without script. */
export function AccountMenu({ operator }: { operator: ShellOperator }) {
  const ref = useClosingDetails();
  return (
    <details ref={ref} className="group relative">
      <summary
        className={
          "flex min-h-11 min-w-11 list-none items-center justify-center gap-2.5 rounded-md px-2" +
          " hover:bg-sunken lg:justify-start [&::-webkit-details-marker]:hidden"
        }
      >
        <Icon name="user" />
        <span className="sr-only">Signed in as </span>
        <span className="min-w-0 flex-1 max-lg:sr-only">
          <span className="block truncate text-sm font-medium">{operator.email}</span>
          <span className="block text-xs text-muted">{operator.role}</span>
        </span>
      </summary>
      <div
        className={
          "absolute top-full right-0 z-30 mt-1 flex w-72 flex-col gap-3 rounded-md border" +
          " border-line bg-raised p-3 shadow-overlay lg:top-auto lg:right-auto lg:bottom-full" +
          " lg:left-0 lg:mt-0 lg:mb-1"
        }
      >
        <p className="lg:hidden">
          <span className="block font-medium">{operator.email}</span>
          <span className="block text-sm text-muted">{operator.role}</span>
        </p>
        <PreferenceSwitches />
        <Form method="post" action="/sign-out" className="border-t border-line pt-3">
          <Button icon="signOut" className="w-full">
            Sign out
          </Button>
        </Form>
      </div>
    </details>
  );
}

/** Closes on Escape and on a click elsewhere. */
function useClosingDetails() {
  const ref = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      const inside = event.target instanceof Node && ref.current?.contains(event.target);
      if (ref.current && !inside) ref.current.open = false;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !ref.current?.open) return;
      ref.current.open = false;
      ref.current.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", onPointerDown);
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("pointerdown", onPointerDown);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, []);
  return ref;
}

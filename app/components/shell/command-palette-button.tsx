import { useCallback, useEffect, useState } from "react";
import { Icon } from "../ui/icon.tsx";
import { CommandPalette } from "./command-palette.tsx";
import type { ShellOperator } from "./shell-frame.tsx";

/** ⌘K or Ctrl K anywhere. Opens at once: what is typed next must not reach a form behind it. */
export function CommandPaletteButton({ operator }: { operator: ShellOperator }) {
  const [open, setOpen] = useState(false);
  const show = useCallback(() => setOpen(true), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      show();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [show]);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={show}
        className={
          "flex min-h-11 min-w-11 items-center justify-center gap-2.5 rounded-md px-2 text-sm" +
          " text-muted hover:bg-sunken hover:text-text lg:justify-start noscript:hidden"
        }
      >
        <Icon name="search" />
        <span className="max-lg:sr-only">Go to</span>
        <kbd className="ml-auto rounded-sm border border-line px-1 font-sans text-xs max-lg:hidden">
          Ctrl K
        </kbd>
      </button>
      <CommandPalette open={open} onClose={() => setOpen(false)} role={operator.role} />
    </>
  );
}

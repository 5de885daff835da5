import { type ReactNode, Suspense, startTransition, useEffect, useId, useState } from "react";
import { Await, useAsyncError } from "react-router";
import { LinkButton } from "./button.tsx";
import { cx } from "./cx.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Notice } from "./status.tsx";

interface PanelProps {
  title: ReactNode;
  /** Beside the title: links and small buttons. */
  actions?: ReactNode;
  /** One line under the title: what this is, over which time. */
  note?: ReactNode;
  /** Tables and charts reach the panel's edges. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, actions, note, flush = false, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={cx("min-w-0 rounded-md border border-line bg-raised", className)}
    >
      <header className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3 pt-2.5 pb-2">
        <div className="min-w-0 flex-1 basis-40">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {note && <p className="text-sm text-muted">{note}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={flush ? undefined : "px-3 pb-3"}>{children}</div>
    </section>
  );
}

interface PanelAwaitProps<Value> {
  /** What a loader handed over without awaiting it. */
  resolve: Promise<Value>;
  /** Where the panel would otherwise show one thing's data under another's name, key it by name. */
  children: (value: Value) => ReactNode;
  /** Says what is missing where nothing came: "The shards' minutes". */
  what: string;
  /** As high as what will come, so that nothing jumps. */
  fallback: ReactNode;
}

/**
 * One slow or broken part never holds up the page: its own placeholder, its own error.
 * When the page is refreshed, the last good content stays until the new has come.
 */
export function PanelAwait<Value>({ resolve, children, what, fallback }: PanelAwaitProps<Value>) {
  const shown = useLastSettled(resolve);
  return (
    <ErrorBoundary resetKey={shown} fallback={<PanelFailure what={what} />}>
      <Suspense fallback={fallback}>
        <Await resolve={shown} errorElement={<AsyncPanelFailure what={what} />}>
          {children}
        </Await>
      </Suspense>
    </ErrorBoundary>
  );
}

function useLastSettled<Value>(latest: Promise<Value>): Promise<Value> {
  const [shown, setShown] = useState(latest);
  useEffect(() => {
    let overtaken = false;
    const show = () => {
      if (!overtaken) startTransition(() => setShown(latest));
    };
    Promise.resolve(latest).then(show, show);
    return () => {
      overtaken = true;
    };
  }, [latest]);
  return shown;
}

function AsyncPanelFailure({ what }: { what: string }) {
  const error = useAsyncError();
  return <PanelFailure what={what} detail={error instanceof Error ? error.message : undefined} />;
}

export function PanelFailure({ what, detail }: { what: string; detail?: string | undefined }) {
  return (
    <Notice
      tone="warn"
      title={`${what} could not be loaded.`}
      actions={
        <LinkButton to="" relative="path" size="small" reloadDocument>
          Try again
        </LinkButton>
      }
    >
      {detail ?? "No answer came in time."} The rest of the page is not affected.
    </Notice>
  );
}

/** A still placeholder of `lines` lines; `label` tells what is on its way. */
export function Skeleton({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className="flex flex-col gap-2 py-1" aria-busy="true">
      <span className="sr-only">{label}…</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="h-5 rounded-sm bg-sunken" />
      ))}
    </div>
  );
}

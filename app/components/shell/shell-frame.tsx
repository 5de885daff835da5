import { lazy, type ReactNode, Suspense } from "react";
import type { Role } from "../../../workers/contracts.ts";
import { Brand } from "./brand.tsx";
import { Navigation } from "./navigation.tsx";

/** The server writes them into the page; their script comes after what the page is for. */
const ShellTools = lazy(() => import("./shell-tools.tsx"));

export interface ShellOperator {
  email: string;
  role: Role;
}

interface ShellFrameProps {
  operator: ShellOperator;
  /** When the server read what the page shows. */
  renderedAtMs: number;
  children: ReactNode;
}

/** A rail beside the page at a desk; a bar above and one under the thumb on a phone. */
export function ShellFrame({ operator, renderedAtMs, children }: ShellFrameProps) {
  return (
    <>
      <a
        href="#content"
        className={
          "sr-only z-50 rounded-md bg-accent px-4 py-3 font-medium text-on-accent" +
          " focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        }
      >
        Skip to content
      </a>
      <header
        className={
          "sticky top-0 z-20 flex min-h-14 items-center gap-2 border-b border-line bg-raised px-3" +
          " lg:fixed lg:inset-y-0 lg:left-0 lg:w-52 lg:flex-col lg:items-stretch lg:border-r" +
          " lg:border-b-0 lg:py-3"
        }
      >
        <Brand />
        <Navigation />
        <div className="ml-auto flex items-center gap-1 lg:ml-0 lg:flex-col lg:items-stretch">
          <Suspense fallback={<div className="min-h-11 min-w-54 lg:min-h-35" />}>
            <ShellTools operator={operator} renderedAtMs={renderedAtMs} />
          </Suspense>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="px-3 pt-4 pb-28 outline-none sm:px-5 lg:ml-52 lg:px-6 lg:pb-10"
      >
        {children}
      </main>
    </>
  );
}

import type { ReactNode } from "react";
import { BrandMark } from "./brand.tsx";

/** The one page outside of the shell. */
export function LoginCard({ children }: { children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-content-center px-4 py-8">
      <div className="flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-5">
        <div className="flex items-center gap-3">
          <BrandMark className="size-9" />
          <div>
            <h1 className="text-xl font-semibold">Sign in to CepatEdge</h1>
            <p className="text-muted">The cache that every Worker agrees on.</p>
          </div>
        </div>
        <div className="rounded-md border border-line bg-raised p-4">{children}</div>
        <p className="text-sm text-muted">
          No account yet? An admin makes one; the first one comes from{" "}
          <code className="font-mono">npm run dev</code> or{" "}
          <code className="font-mono">npm run bootstrap</code>.
        </p>
      </div>
    </main>
  );
}

import { lazy, Suspense } from "react";
import { isRouteErrorResponse } from "react-router";
import { ErrorPage } from "../shell/error-page.tsx";

const UnknownShard = lazy(() => import("./unknown-shard.tsx"));

/** A name that no shard has gets a page that leads on; everything else is shown as everywhere. */
export function UnknownShardBoundary({ error }: { error: unknown }) {
  const name = isRouteErrorResponse(error) ? unknownShardIn(error.data) : null;
  if (name === null) return <ErrorPage error={error} />;
  return (
    <Suspense fallback={null}>
      <UnknownShard name={name} />
    </Suspense>
  );
}

function unknownShardIn(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("unknownShard" in data)) return null;
  return typeof data.unknownShard === "string" ? data.unknownShard : null;
}

import { lazy, Suspense } from "react";
import { isRouteErrorResponse, Outlet } from "react-router";
import { ErrorPage } from "../components/shell/error-page.tsx";
import type { Route } from "./+types/page-boundary";

const UnknownShard = lazy(() => import("../components/topology/unknown-shard.tsx"));

export default function PageBoundary() {
  return <Outlet />;
}

/**
 * A page that fails leaves the way to the others open. The boundary stands below the shell: after
 * an action that fails, React Router runs the loaders above the boundary only, and without script
 * the shell's has to be among them. A name that no shard has gets a page that leads on.
 */
export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const { unknownShard } = (isRouteErrorResponse(error) && error.data) || {};
  if (typeof unknownShard !== "string") return <ErrorPage error={error} />;
  return (
    <Suspense fallback={null}>
      <UnknownShard name={unknownShard} />
    </Suspense>
  );
}

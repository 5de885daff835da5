import { Outlet } from "react-router";
import { ErrorPage } from "../components/shell/error-page.tsx";
import type { Route } from "./+types/page-boundary";

export default function PageBoundary() {
  return <Outlet />;
}

/**
 * A page that fails leaves the way to the others open. The boundary stands below the shell: after
 * an action that fails, React Router runs the loaders above the boundary only, and without script
 * the shell's has to be among them.
 */
export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return <ErrorPage error={error} />;
}

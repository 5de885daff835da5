import { Outlet, useRouteLoaderData } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { ErrorPage } from "../components/shell/error-page.tsx";
import { ShellFrame } from "../components/shell/shell-frame.tsx";
import type { Route } from "./+types/shell";

export async function loader(args: Route.LoaderArgs) {
  const { email, role } = await requireOperator(args);
  return { operator: { email, role }, renderedAtMs: Date.now() };
}

export default function Shell({ loaderData }: Route.ComponentProps) {
  return (
    <ShellFrame {...loaderData}>
      <Outlet />
    </ShellFrame>
  );
}

/** A page that fails leaves the way to the other pages open. */
export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const data = useRouteLoaderData<typeof loader>("routes/shell");
  if (data === undefined) {
    return (
      <main className="p-4 sm:p-8">
        <ErrorPage error={error} />
      </main>
    );
  }
  return (
    <ShellFrame {...data}>
      <ErrorPage error={error} />
    </ShellFrame>
  );
}

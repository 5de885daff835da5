import { Outlet } from "react-router";
import { requireOperator } from "../auth.server.ts";
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

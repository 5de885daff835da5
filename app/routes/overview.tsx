import { Page } from "../components/ui/page.tsx";
import { requireOperator } from "../auth.server.ts";
import type { Route } from "./+types/overview";

export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  return null;
}

export default function Overview() {
  return <Page title="Overview">{null}</Page>;
}

import type { ShouldRevalidateFunctionArgs } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { TrafficPanel } from "../components/charts/traffic-panel.tsx";
import { cloudflareContext } from "../context.ts";
import { readRange, readTraffic } from "../traffic.server.ts";
import { TRAFFIC_RANGES } from "../traffic-ranges.ts";
import type { Route } from "./+types/overview-traffic";

export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const answer = readRange(args.request);
  const traffic = readTraffic(env, answer.range, Date.now());
  const { origin } = new URL(args.request.url);
  return { answer, traffic, origin };
}

/** A chart of days does not change within seconds: it is asked for once for each of its points. */
export function shouldRevalidate(args: ShouldRevalidateFunctionArgs): boolean {
  const { currentUrl, nextUrl, defaultShouldRevalidate } = args;
  if (currentUrl.search !== nextUrl.search || args.formAction !== undefined) {
    return defaultShouldRevalidate;
  }
  const range = nextUrl.searchParams.get("range");
  const isLong = range === "24h" || range === "7d" || range === "30d";
  return !isLong;
}

export default function OverviewTraffic({ loaderData }: Route.ComponentProps) {
  const { answer, traffic, origin } = loaderData;
  return (
    <TrafficPanel
      key={answer.range}
      title={`Operations by outcome, ${TRAFFIC_RANGES[answer.range].name}`}
      range={answer.range}
      badRange={answer.kind === "bad" ? answer.message : null}
      traffic={traffic}
      origin={origin}
    />
  );
}

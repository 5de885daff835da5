import { requireOperator } from "../auth.server.ts";
import { TrafficPanel } from "../components/charts/traffic-panel.tsx";
import { cloudflareContext } from "../context.ts";
import { firstPartSent } from "../first-part.server.ts";
import { revalidateTraffic } from "../revalidate-traffic.ts";
import { readRange, readTraffic } from "../traffic.server.ts";
import { TRAFFIC_RANGES } from "../traffic-ranges.ts";
import type { Route } from "./+types/overview-traffic";

export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const answer = readRange(args.request);
  const later = firstPartSent(args.context);
  const traffic = later.then(() => readTraffic(env, answer.range, Date.now()));
  const { origin } = new URL(args.request.url);
  return { answer, traffic, origin };
}

export const shouldRevalidate = revalidateTraffic;

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

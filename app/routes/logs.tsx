import { Outlet, type ShouldRevalidateFunctionArgs } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { LogFilterForm } from "../components/logs/filter-form.tsx";
import { HistogramPanel } from "../components/logs/histogram-panel.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { firstPartSent } from "../first-part.server.ts";
import { readShardNames } from "./logs.server.ts";
import { readHistogram } from "./logs-histogram.server.ts";
import { readLogsQuery, withUnknownShards } from "./logs-query.server.ts";
import type { Route } from "./+types/logs";

export const meta: Route.MetaFunction = () => [{ title: "Logs · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const nowMs = Date.now();
  const answer = await readShardNames(env);
  const names = answer.kind === "answered" ? answer.value : null;
  const asked = withUnknownShards(readLogsQuery(new URL(args.request.url), nowMs), names);
  const { filters } = asked;
  if (asked.kind === "bad") return { filters, errors: asked.errors, names, histogram: null };
  const around = asked.at !== null;
  const later = firstPartSent(args.context);
  const histogram = names && !around ? later.then(() => readHistogram(env, asked, nowMs)) : null;
  return { filters, errors: {}, names, histogram };
}

/** A histogram of many hours does not change within seconds, nor does one whose end was given. */
export function shouldRevalidate(args: ShouldRevalidateFunctionArgs): boolean {
  const { currentUrl, nextUrl, defaultShouldRevalidate } = args;
  if (currentUrl.href !== nextUrl.href || args.formAction !== undefined) {
    return defaultShouldRevalidate;
  }
  const range = nextUrl.searchParams.get("range") ?? "1h";
  return ["15m", "1h"].includes(range) && !nextUrl.searchParams.get("to");
}

export default function Logs({ loaderData }: Route.ComponentProps) {
  const { filters, errors, names, histogram } = loaderData;
  return (
    <Page title="Logs" note="Every operation that a shard carried out or rejected, newest first.">
      <LogFilterForm filters={filters} errors={errors} names={names} />
      {histogram !== null && <HistogramPanel histogram={histogram} filters={filters} />}
      <Outlet />
    </Page>
  );
}

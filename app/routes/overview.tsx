import { lazy, Suspense } from "react";
import { Outlet } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { Figures } from "../components/overview/figures.tsx";
import { HealthPanel } from "../components/overview/health-panel.tsx";
import { Page } from "../components/ui/page.tsx";
import { counted, formatCount } from "../components/ui/format.ts";
import { cloudflareContext } from "../context.ts";
import { firstPartSent } from "../first-part.server.ts";
import {
  readDatabaseHealth,
  readPulse,
  readRegistryHealth,
  readShardsHealth,
} from "../overview.server.ts";
import type { Route } from "./+types/overview";

const FirstSteps = lazy(async () => {
  const { FirstSteps: component } = await import("../components/overview/first-steps.tsx");
  return { default: component };
});

export const meta: Route.MetaFunction = () => [{ title: "Overview · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const nowMs = Date.now();
  const registry = await readRegistryHealth(env);
  const names = registry.kind === "answered" ? registry.value.shards.map(({ name }) => name) : [];
  const later = firstPartSent(args.context);
  return {
    mayRegister: role !== "viewer",
    nowMs,
    registry,
    shards: later.then(() => readShardsHealth(env, names)),
    database: later.then(() => readDatabaseHealth(env)),
    pulse: later.then(() => readPulse(env, nowMs)),
  };
}

export default function Overview({ loaderData }: Route.ComponentProps) {
  const { registry, mayRegister } = loaderData;
  const known = registry.kind === "answered" ? registry.value : null;
  const isNew = known?.shards.length === 0;
  return (
    <Page
      title="Overview"
      note={known && `${counted(known.shards.length, "shard")}, epoch ${formatCount(known.epoch)}`}
    >
      <HealthPanel {...loaderData} />
      {isNew ? (
        <Suspense fallback={null}>
          <FirstSteps mayRegister={mayRegister} />
        </Suspense>
      ) : (
        <>
          <Figures pulse={loaderData.pulse} shards={loaderData.shards} />
          <Outlet />
        </>
      )}
    </Page>
  );
}

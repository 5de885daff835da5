import { lazy, Suspense } from "react";
import { may } from "../../workers/auth/roles.ts";
import { requireOperator } from "../auth.server.ts";
import { KeyLookup } from "../components/topology/key-lookup.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { ShardTable } from "../components/topology/shard-table.tsx";
import { SlotMapPanel } from "../components/topology/slot-map-panel.tsx";
import { LinkButton } from "../components/ui/button.tsx";
import { counted, formatCount } from "../components/ui/format.ts";
import { Page } from "../components/ui/page.tsx";
import { Panel } from "../components/ui/panel.tsx";
import { cloudflareContext } from "../context.ts";
import { firstPartSent } from "../first-part.server.ts";
import { readFigures } from "./shards-figures.server.ts";
import { readShardsQuery } from "./shards-query.server.ts";
import { readTopology } from "./shards.server.ts";
import type { Route } from "./+types/shards";

// Shown only at times: their script comes after the first load, which has a budget.
const FirstSteps = lazy(async () => ({
  default: (await import("../components/overview/first-steps.tsx")).FirstSteps,
}));
const RunningOperation = lazy(() => import("../components/operations/running-operation.tsx"));
const Deregistered = lazy(async () => ({
  default: (await import("../components/topology/deregistered.tsx")).Deregistered,
}));

export const meta: Route.MetaFunction = () => [{ title: "Shards · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const query = readShardsQuery(args.request);
  const topology = await readTopology(env, query);
  const known = topology.kind === "answered" ? topology.value.shards : [];
  const names = known.map(({ name }) => name);
  const figures = readFigures(env, names, Date.now(), firstPartSent(args.context));
  return { query, topology, figures, mayRegister: may(role, "register") };
}

export default function Shards({ loaderData }: Route.ComponentProps) {
  const { query, topology, figures, mayRegister } = loaderData;
  if (topology.kind === "failed") {
    return (
      <Page title="Shards">
        <RegistrySilent error={topology.error} />
      </Page>
    );
  }
  const { shards, epoch, running, found } = topology.value;
  const gone = shards.some(({ name }) => name === query.deregistered) ? null : query.deregistered;
  if (shards.length === 0) {
    return (
      <Page title="Shards" note="No shard is registered, so the cache stores nothing yet.">
        <Suspense fallback={null}>
          <FirstSteps mayRegister={mayRegister} />
        </Suspense>
      </Page>
    );
  }
  return (
    <Page
      title="Shards"
      note={`${counted(shards.length, "shard")}, epoch ${formatCount(epoch)}`}
      actions={
        mayRegister && (
          <>
            <LinkButton to="/operations/rebalance">Rebalance…</LinkButton>
            <LinkButton to="/shards/register" tone="accent" icon="plus">
              Register shards
            </LinkButton>
          </>
        )
      }
    >
      <Suspense fallback={null}>
        {gone !== null && <Deregistered name={gone} />}
        {running !== null && <RunningOperation operation={running} />}
      </Suspense>
      {/* On a phone the list comes first: it says which shard is wrong. */}
      <Panel
        title="All shards"
        note="Operations are those of the last 5 minutes."
        className="lg:order-last"
        flush
      >
        <ShardTable shards={shards} figures={figures} />
      </Panel>
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] xl:grid-cols-[minmax(0,1fr)_24rem] lg:items-start">
        <SlotMapPanel topology={topology.value} badFrom={query.errors.from} />
        <KeyLookup query={query} found={found} />
      </div>
    </Page>
  );
}

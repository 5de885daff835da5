import { may } from "../../workers/auth/roles.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { requireOperator } from "../auth.server.ts";
import { OperationTable } from "../components/operations/operation-table.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { LinkButton } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { Panel } from "../components/ui/panel.tsx";
import { cloudflareContext } from "../context.ts";
import type { Route } from "./+types/operations";

export const meta: Route.MetaFunction = () => [{ title: "Operations · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const operations = await askRegistry(env, (registry) => registry.operations());
  return { operations, mayAct: may(role, "rebalance"), nowMs: Date.now() };
}

export default function Operations({ loaderData }: Route.ComponentProps) {
  const { operations, mayAct, nowMs } = loaderData;
  return (
    <Page
      title="Operations"
      note="What has changed the topology, and what does so now: newest first."
      actions={
        mayAct && (
          <>
            <LinkButton to="/operations/rebalance">Rebalance…</LinkButton>
            <LinkButton to="/shards/register" icon="plus">
              Register shards
            </LinkButton>
          </>
        )
      }
    >
      {operations.kind === "failed" ? (
        <RegistrySilent error={operations.error} />
      ) : (
        <Panel title="All operations" flush>
          <OperationTable operations={operations.value} nowMs={nowMs} />
        </Panel>
      )}
    </Page>
  );
}

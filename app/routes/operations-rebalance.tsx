import { requirePermission } from "../auth.server.ts";
import { RebalanceForm } from "../components/plans/rebalance-form.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { planRebalance, readWeights } from "./operations-rebalance.server.ts";
import type { Route } from "./+types/operations-rebalance";

export const handle = { live: false };

export const meta: Route.MetaFunction = () => [{ title: "Rebalance · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requirePermission(args, "rebalance");
  const { env } = args.context.get(cloudflareContext);
  return readWeights(env, new URL(args.request.url).searchParams);
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "rebalance");
  const { env } = args.context.get(cloudflareContext);
  return planRebalance(env, actor, (await readFormFields(args.request)) ?? {});
}

export default function Rebalance({ loaderData: page, actionData }: Route.ComponentProps) {
  return (
    <Page
      title="Rebalance"
      parent={<TextLink to="/operations">Operations</TextLink>}
      note="A shard's weight decides its share of the slots. First comes a preview."
    >
      {page.kind === "failed" ? (
        <RegistrySilent error={page.error} />
      ) : (
        <RebalanceForm lines={page.value} failure={actionData} />
      )}
    </Page>
  );
}

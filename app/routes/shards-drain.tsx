import { requirePermission } from "../auth.server.ts";
import { PlanAsk } from "../components/plans/plan-ask.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { requireKnownShard } from "../known-shard.server.ts";
import { planOrSayWhyNot } from "../plan-page.server.ts";
import type { Route } from "./+types/shards-drain";

export const handle = { live: false };

export const meta: Route.MetaFunction = ({ params }) => [
  { title: `Drain ${params.name} · CepatEdge` },
];

export async function loader(args: Route.LoaderArgs) {
  await requirePermission(args, "drain");
  await requireKnownShard(args.context.get(cloudflareContext).env, args.params.name);
  return null;
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "drain");
  const { env } = args.context.get(cloudflareContext);
  const request = { kind: "drain", shard: args.params.name } as const;
  return planOrSayWhyNot(env, actor, request, (await readFormFields(args.request)) ?? {});
}

export default function Drain({ params: { name }, actionData }: Route.ComponentProps) {
  return (
    <Page
      title={`Drain ${name}`}
      parent={<TextLink to={`/shards/${name}`}>{name}</TextLink>}
      note="First comes a preview; nothing changes before you confirm it."
    >
      <PlanAsk
        action={`/shards/${name}/drain`}
        back={`/shards/${name}`}
        failure={actionData}
        button={`Preview the drain of ${name}`}
      >
        All its slots go to the other shards with their entries, and its usage logs as well, while
        the cache serves. Afterwards it holds nothing and can be deregistered.
      </PlanAsk>
    </Page>
  );
}

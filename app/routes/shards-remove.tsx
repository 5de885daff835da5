import { requirePermission } from "../auth.server.ts";
import { PlanAsk } from "../components/plans/plan-ask.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { requireKnownShard } from "../known-shard.server.ts";
import { planOrSayWhyNot } from "../plan-page.server.ts";
import type { Route } from "./+types/shards-remove";

export const handle = { live: false };

export const meta: Route.MetaFunction = ({ params }) => [
  { title: `Remove ${params.name} · CepatEdge` },
];

export async function loader(args: Route.LoaderArgs) {
  await requirePermission(args, "remove");
  await requireKnownShard(args.context.get(cloudflareContext).env, args.params.name);
  return null;
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "remove");
  const { env } = args.context.get(cloudflareContext);
  const request = { kind: "remove", shard: args.params.name } as const;
  return planOrSayWhyNot(env, actor, request, (await readFormFields(args.request)) ?? {});
}

export default function Remove({ params: { name }, actionData }: Route.ComponentProps) {
  return (
    <Page
      title={`Remove ${name} by force`}
      parent={<TextLink to={`/shards/${name}`}>{name}</TextLink>}
      note="First comes a preview that says what is lost; nothing changes before you confirm it."
    >
      <PlanAsk
        action={`/shards/${name}/remove`}
        back={`/shards/${name}`}
        failure={actionData}
        button={`Preview the removal of ${name}`}
        drastic
      >
        For a shard that is gone for good. Its slots go to the other shards at once and empty: its
        entries and its usage logs are lost, and nothing brings them back. If it answers at all,
        drain it instead.
      </PlanAsk>
    </Page>
  );
}

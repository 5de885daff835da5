import { requirePermission } from "../auth.server.ts";
import { PlanAsk } from "../components/plans/plan-ask.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { planOrSayWhyNot } from "../plan-page.server.ts";
import type { Route } from "./+types/operation-undo";

export const handle = { live: false };

export const meta: Route.MetaFunction = () => [{ title: "Undo · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requirePermission(args, "operate");
  return null;
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "operate");
  const { env } = args.context.get(cloudflareContext);
  const request = { kind: "undo", operation: args.params.operation } as const;
  return planOrSayWhyNot(env, actor, request, (await readFormFields(args.request)) ?? {});
}

export default function Undo({ params: { operation }, actionData }: Route.ComponentProps) {
  const page = `/operations/${operation}`;
  return (
    <Page
      title="Undo an operation"
      parent={<TextLink to={page}>The operation</TextLink>}
      note="First comes a preview; nothing changes before you confirm it."
    >
      <PlanAsk action={`${page}/undo`} back={page} failure={actionData} button="Preview the undo">
        Every slot that it has moved, and that is still where it put it, goes back to where it came
        from, with the entries that it holds by now. Nothing is lost by it.
      </PlanAsk>
    </Page>
  );
}

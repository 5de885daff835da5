import { data } from "react-router";
import { requireOperator, requirePermission } from "../auth.server.ts";
import { PlanGone } from "../components/plans/plan-gone.tsx";
import { PlanPreview } from "../components/plans/plan-preview.tsx";
import { planTitle } from "../components/plans/plan-words.ts";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { PLAN_PERMISSION } from "../plan.server.ts";
import {
  notAsked,
  planAgain,
  planIn,
  readPreview,
  start,
  startGone,
} from "./operations-preview.server.ts";
import type { Route } from "./+types/operations-preview";

/** A plan that is about to be confirmed must not change under its reader's hands. */
export const handle = { live: false };

export const meta: Route.MetaFunction = () => [{ title: "Preview · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const page = await readPreview(env, planIdIn(args.request), role);
  return data(page, { status: page.kind === "gone" ? 404 : 200 });
}

export async function action(args: Route.ActionArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const fields = (await readFormFields(args.request)) ?? {};
  const planId = planIdIn(args.request);
  const asked = await planIn(env, planId);
  if (asked.kind === "silent") return notAsked(asked.error, fields);
  if (asked.kind === "gone") {
    // The page itself says that there is no plan to be made again.
    if (fields["intent"] === "again") return undefined;
    // Of what kind it was nobody knows any more; every kind takes at least this.
    const { actor } = await requirePermission(args, PLAN_PERMISSION.drain);
    return startGone(env, actor, planId, fields);
  }
  const { plan } = asked;
  const { actor } = await requirePermission(args, PLAN_PERMISSION[plan.kind]);
  if (fields["intent"] === "again") return planAgain(env, actor, plan, fields);
  return start(env, actor, plan, fields);
}

export default function Preview({ loaderData: page, actionData }: Route.ComponentProps) {
  return (
    <Page
      title={page.kind === "plan" ? planTitle(page.view.plan) : "Preview"}
      parent={<TextLink to="/operations">Operations</TextLink>}
      note={page.kind === "plan" && "Nothing has been done yet. This is what would be."}
    >
      {page.kind === "silent" && <RegistrySilent error={page.error} />}
      {page.kind !== "plan" && actionData?.reason && (
        <p>
          Nothing was begun. Your reason was: “<bdi>{actionData.reason}</bdi>”
        </p>
      )}
      {page.kind === "gone" && <PlanGone />}
      {page.kind === "plan" && <PlanPreview page={page} failure={actionData} />}
    </Page>
  );
}

function planIdIn(request: Request): string {
  return new URL(request.url).searchParams.get("plan") ?? "";
}

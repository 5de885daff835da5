import { requirePermission } from "../auth.server.ts";
import { PlanPreview } from "../components/topology/plan-preview.tsx";
import { RegisterForm } from "../components/topology/register-form.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { notOurForm, planFrom, readRegisterPage, startFrom } from "./shards-register.server.ts";
import type { Route } from "./+types/shards-register";

/** A plan that is about to be confirmed must not change under its reader's hands. */
export const handle = { live: false };

export const meta: Route.MetaFunction = () => [{ title: "Register shards · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requirePermission(args, "register");
  const { env } = args.context.get(cloudflareContext);
  return readRegisterPage(env, new URL(args.request.url).searchParams);
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "register");
  const { env } = args.context.get(cloudflareContext);
  const fields = await readFormFields(args.request);
  if (fields?.["intent"] === "plan") return planFrom(env, actor, fields);
  if (fields?.["intent"] === "start") return startFrom(env, actor, fields);
  return notOurForm();
}

export default function Register({ loaderData, actionData }: Route.ComponentProps) {
  const isPlan = loaderData.kind === "plan";
  return (
    <Page
      title={isPlan ? "Register shards: preview" : "Register shards"}
      parent={<TextLink to="/shards">Shards</TextLink>}
      note={
        isPlan
          ? "Nothing has changed yet. This is what would."
          : "First comes a preview of what would move; nothing changes before you confirm it."
      }
    >
      {loaderData.kind === "silent" && <RegistrySilent error={loaderData.error} />}
      {loaderData.kind === "form" && <RegisterForm page={loaderData} failure={actionData} />}
      {loaderData.kind === "plan" && <PlanPreview page={loaderData} failure={actionData} />}
    </Page>
  );
}

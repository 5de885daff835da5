import { requirePermission } from "../auth.server.ts";
import { RegisterForm } from "../components/topology/register-form.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { planRegister, readRegisterPage } from "./shards-register.server.ts";
import type { Route } from "./+types/shards-register";

/** A form that somebody fills in must not change under their hands. */
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
  return planRegister(env, actor, (await readFormFields(args.request)) ?? {});
}

export default function Register({ loaderData: page, actionData }: Route.ComponentProps) {
  return (
    <Page
      title="Register shards"
      parent={<TextLink to="/shards">Shards</TextLink>}
      note="First comes a preview of what would move; nothing changes before you confirm it."
    >
      {page.kind === "failed" ? (
        <RegistrySilent error={page.error} />
      ) : (
        <RegisterForm page={page.value} failure={actionData} />
      )}
    </Page>
  );
}

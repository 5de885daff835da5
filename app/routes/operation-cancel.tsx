import { requirePermission } from "../auth.server.ts";
import { CancelForm } from "../components/operations/cancel-form.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { useLiveForm } from "../use-live-form.ts";
import { cancel } from "./operation-acts.server.ts";
import { readOperation } from "./operation.server.ts";
import type { Route } from "./+types/operation-cancel";

export const meta: Route.MetaFunction = () => [{ title: "Cancel an operation · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requirePermission(args, "operate");
  const { env } = args.context.get(cloudflareContext);
  return readOperation(env, args.params.operation, args.request);
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "operate");
  const { env } = args.context.get(cloudflareContext);
  return cancel(env, actor, args.params.operation, (await readFormFields(args.request)) ?? {});
}

export default function Cancel({ params, loaderData: page, actionData }: Route.ComponentProps) {
  const form = useLiveForm("cancel", actionData);
  return (
    <Page
      title="Cancel an operation"
      parent={<TextLink to={`/operations/${params.operation}`}>The operation</TextLink>}
      note="It stops at once: each slot stays with its owner, or goes back to the one before."
    >
      {page.kind === "failed" ? (
        <RegistrySilent error={page.error} />
      ) : (
        <CancelForm operation={page.value.operation} form={form} />
      )}
    </Page>
  );
}

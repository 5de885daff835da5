import { may } from "../../workers/auth/roles.ts";
import { requireOperator, requirePermission } from "../auth.server.ts";
import { OperationDetails } from "../components/operations/operation-details.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { useLiveForm } from "../use-live-form.ts";
import { act } from "./operation-acts.server.ts";
import { readOperation } from "./operation.server.ts";
import type { Route } from "./+types/operation";

export const meta: Route.MetaFunction = () => [{ title: "Operation · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const page = await readOperation(env, args.params.operation, args.request);
  return { page, mayAct: may(role, "operate") };
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "operate");
  const { env } = args.context.get(cloudflareContext);
  return act(env, actor, args.params.operation, (await readFormFields(args.request)) ?? {});
}

export default function OperationRoute({ loaderData, actionData }: Route.ComponentProps) {
  const { page, mayAct } = loaderData;
  const form = useLiveForm("acts", actionData);
  if (page.kind === "failed") {
    return (
      <Page title="Operation" parent={<TextLink to="/operations">Operations</TextLink>}>
        <RegistrySilent error={page.error} />
      </Page>
    );
  }
  return (
    <OperationDetails key={page.value.operation.id} page={page.value} mayAct={mayAct} form={form} />
  );
}

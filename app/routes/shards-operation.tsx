import { data } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { OperationResult } from "../components/topology/operation-result.tsx";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import type { Route } from "./+types/shards-operation";

export const meta: Route.MetaFunction = () => [{ title: "Registration · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const id = args.params.operation;
  const answer = await askRegistry(env, (registry) => registry.operation(id));
  if (answer.kind === "answered" && answer.value === null) {
    const message = "There is no such registration, or it is too long ago: 100 are remembered.";
    throw data({ title: "Not found", message }, { status: 404 });
  }
  return answer;
}

export default function OperationPage({ loaderData: answer }: Route.ComponentProps) {
  return (
    <Page title="Registration" parent={<TextLink to="/shards">Shards</TextLink>}>
      {answer.kind === "failed" && <RegistrySilent error={answer.error} />}
      {answer.kind === "answered" && answer.value !== null && (
        <OperationResult operation={answer.value} />
      )}
    </Page>
  );
}

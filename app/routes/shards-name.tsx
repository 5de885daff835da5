import { Outlet } from "react-router";
import { may } from "../../workers/auth/roles.ts";
import { requireOperator, requirePermission } from "../auth.server.ts";
import { RegistrySilent } from "../components/topology/registry-silent.tsx";
import { ShardDetails } from "../components/topology/shard-details.tsx";
import { TextLink } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { cloudflareContext } from "../context.ts";
import { readFormFields } from "../form-fields.server.ts";
import { deregister } from "./shards-deregister.server.ts";
import { readShard, readShardPage } from "./shards-name.server.ts";
import { readShardsQuery } from "./shards-query.server.ts";
import type { Route } from "./+types/shards-name";

export const meta: Route.MetaFunction = ({ params }) => [{ title: `${params.name} · CepatEdge` }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const { name } = args.params;
  const { from, errors } = readShardsQuery(args.request);
  const page = await readShardPage(env, name, from);
  const rights = {
    mayDeregister: may(role, "register"),
    mayDrain: may(role, "drain"),
    mayRemove: may(role, "remove"),
    mayOperate: may(role, "operate"),
  };
  return { name, page, badFrom: errors.from, ...rights, ...readShard(env, name) };
}

export async function action(args: Route.ActionArgs) {
  const { actor } = await requirePermission(args, "register");
  const { env } = args.context.get(cloudflareContext);
  return deregister(env, actor, args.params.name, await readFormFields(args.request));
}

export default function ShardPage({ loaderData, actionData }: Route.ComponentProps) {
  const { name, page } = loaderData;
  if (page.kind === "failed") {
    return (
      <Page title={name} parent={<TextLink to="/shards">Shards</TextLink>}>
        <RegistrySilent error={page.error} />
      </Page>
    );
  }
  return (
    <ShardDetails
      key={name}
      {...loaderData}
      page={page.value}
      failure={actionData}
      traffic={<Outlet />}
    />
  );
}

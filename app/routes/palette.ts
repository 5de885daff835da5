import { registryOf } from "../../workers/registry/registry-stub.ts";
import { requireOperator } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import type { Route } from "./+types/palette";

/** The newest of them; the others are on their own page. */
const OPERATIONS_MAX = 5;

/** What the command palette cannot know by itself: which shards and operations there are. */
export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const registry = registryOf(env);
  const [{ shards }, operations] = await Promise.all([registry.topology(), registry.operations()]);
  return {
    shards: shards.map(({ name, state }) => ({ name, state })),
    operations: operations
      .slice(0, OPERATIONS_MAX)
      .map(({ id, kind, shards: about, state }) => ({ id, kind, shards: about, state })),
  };
}

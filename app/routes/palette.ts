import type { Operation, ShardInfo, ShardRegistryApi } from "../../workers/contracts.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { requireOperator } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import type { Route } from "./+types/palette";

/** The newest of them; the others are on their own page. */
const OPERATIONS_MAX = 5;

/** What the command palette cannot know by itself: which shards and operations there are. */
export interface Destinations {
  shards: Pick<ShardInfo, "name" | "state">[];
  operations: Pick<Operation, "id" | "kind" | "shards" | "state">[];
}

/** `failed`: the registry does not answer, and the palette leads to pages alone. */
export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  return await askRegistry(env, readDestinations);
}

async function readDestinations(registry: ShardRegistryApi): Promise<Destinations> {
  const [{ shards }, operations] = await Promise.all([registry.topology(), registry.operations()]);
  return {
    shards: shards.map(({ name, state }) => ({ name, state })),
    operations: operations
      .slice(0, OPERATIONS_MAX)
      .map(({ id, kind, shards: about, state }) => ({ id, kind, shards: about, state })),
  };
}

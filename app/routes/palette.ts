import { registryOf } from "../../workers/registry/registry-stub.ts";
import { requireOperator } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import type { Route } from "./+types/palette";

/** What the command palette cannot know by itself: which shards there are. */
export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const { shards } = await registryOf(env).topology();
  return { shards: shards.map(({ name, state }) => ({ name, state })) };
}

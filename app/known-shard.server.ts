import { data } from "react-router";
import { askRegistry } from "./ask-registry.server.ts";

/** Characters of a name that the page of an unknown shard says back: as many as a name can have. */
const NAME_LENGTH_MAX = 63;

/** To throw where the registry knows no such shard: a 404, which page-boundary.tsx shows. */
export function unknownShard(name: string) {
  const told = { unknownShard: name.slice(0, NAME_LENGTH_MAX), title: "No such shard" };
  return data(told, { status: 404 });
}

/**
 * For the pages that ask for something about one shard: throws the 404 of `unknownShard` for a name
 * that is not registered. While the registry is silent nobody knows, and the form is shown: what it
 * leads to asks again.
 */
export async function requireKnownShard(env: Env, name: string): Promise<void> {
  const answer = await askRegistry(env, (registry) => registry.topology());
  if (answer.kind === "failed") return;
  if (!answer.value.shards.some((shard) => shard.name === name)) throw unknownShard(name);
}

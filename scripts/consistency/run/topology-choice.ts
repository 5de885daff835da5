import type { ShardSpec, Topology } from "../../../workers/contracts.ts";
import { between, type Random } from "../../load/random.ts";

const CAPACITY_BYTES = 256 * 1_048_576;
const WEIGHT_MAX = 4;

export const shardSpec = (name: string, weight = 1): ShardSpec => {
  return { name, weight, locationHint: null, capacityBytes: CAPACITY_BYTES };
};

/** What an operator might want next. */
export type Choice =
  | { kind: "register" | "drain" | "deregister"; name: string }
  | { kind: "rebalance"; shard: string; weight: number }
  /** Of the last operation. */
  | { kind: "undo" };

export interface ChoiceLimits {
  /** Active shards below which none is drained. */
  shardsMin: number;
  /** Names that shards get; a name that was deregistered is used again. */
  names: readonly string[];
}

/** Null: nothing this time. */
export function choose(
  topology: Topology,
  random: Random,
  { names, shardsMin }: ChoiceLimits,
): Choice | null {
  const namesOf = (wanted: string) =>
    topology.shards.flatMap(({ name, state }) => (state === wanted ? [name] : []));
  const active = namesOf("active");
  const [drained] = namesOf("drained");
  const known = new Set(topology.shards.map(({ name }) => name));
  const free = names.find((name) => !known.has(name));
  const one = active[Math.floor(random() * active.length)];
  const drawn = random();
  if (drawn < 0.12 && drained !== undefined) return { kind: "deregister", name: drained };
  if (drawn < 0.25) return { kind: "undo" };
  if (one === undefined) return null;
  if (drawn < 0.4) return { kind: "rebalance", shard: one, weight: between(random, 1, WEIGHT_MAX) };
  const mayDrain = active.length > shardsMin;
  if (mayDrain && (free === undefined || drawn < 0.72)) return { kind: "drain", name: one };
  return free === undefined ? null : { kind: "register", name: free };
}

import type {
  BreakerStateName,
  Operation,
  ShardInfo,
  ShardRegistryApi,
  SlotRange,
} from "../../workers/contracts.ts";
import { slotFor } from "../../workers/hashing/slot.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { movingSlots, type MovingSlots } from "../components/topology/moving-slots.ts";
import { drawnSlots, type DrawnSlots, runAt } from "../components/topology/slot-runs.ts";
import type { ShardsQuery } from "./shards-query.server.ts";

/** Rows of one page of the table of ranges. */
const RANGES_PER_PAGE = 64;

export interface ShardRow extends ShardInfo {
  /** Its place in the list, from 1 on: what the slot map calls it. */
  number: number;
  breaker: BreakerStateName;
}

export interface RangesPage {
  ranges: SlotRange[];
  total: number;
  from: number;
  /** The slot at which the next page begins; null: this is the end. */
  next: number | null;
}

export interface FoundKey {
  type: string;
  key: string;
  slot: number;
  /** Null: nobody owns it, which is so before the first shard. */
  range: SlotRange | null;
}

export interface TopologyPage {
  epoch: number;
  shards: ShardRow[];
  drawn: DrawnSlots;
  moving: MovingSlots;
  ranges: RangesPage;
  found: FoundKey | null;
  running: Operation | null;
}

/** The registry's part of the page, or the sentence that says why there is none. */
export async function readTopology(env: Env, query: ShardsQuery) {
  return askRegistry(env, (registry) => topologyPage(registry, query));
}

async function topologyPage(registry: ShardRegistryApi, query: ShardsQuery): Promise<TopologyPage> {
  const [topology, breakers] = await Promise.all([registry.topology(), registry.breakers()]);
  const { epoch, shards, ranges, moving, running } = topology;
  const states = new Map(breakers.map(({ shard, state }) => [shard, state]));
  return {
    epoch,
    shards: shards.map((shard, index) => ({
      ...shard,
      number: index + 1,
      breaker: states.get(shard.name) ?? "closed",
    })),
    drawn: drawnSlots(ranges),
    moving: movingSlots(moving),
    ranges: rangesPage(ranges, query.from),
    found: findKey(ranges, query.lookup),
    running,
  };
}

export function rangesPage(ranges: readonly SlotRange[], from: number): RangesPage {
  const begin = Math.max(
    0,
    ranges.findIndex(({ last }) => last >= from),
  );
  const page = ranges.slice(begin, begin + RANGES_PER_PAGE);
  const next = ranges[begin + RANGES_PER_PAGE]?.first ?? null;
  return { ranges: page, total: ranges.length, from, next };
}

/** By the same function that the registry routes with; asking it would count as traffic. */
function findKey(ranges: readonly SlotRange[], lookup: ShardsQuery["lookup"]): FoundKey | null {
  if (lookup === null) return null;
  const slot = slotFor(lookup.type, lookup.key);
  return { ...lookup, slot, range: runAt(ranges, slot) };
}

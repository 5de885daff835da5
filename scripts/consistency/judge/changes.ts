import type { Topology } from "../../../workers/contracts.ts";
import { SLOT_COUNT } from "../../../workers/lib/limits.ts";
import type { Change } from "../run/topology-actions.ts";
import type { Violation } from "./violation.ts";

/** A new shard may get its share of the slots and this much more. */
const REGISTER_SLACK = 0.005;

/** Slots move only between the shards that an operation is about, and no epoch goes back. */
export function judgeChanges(changes: readonly Change[]): Violation[] {
  return changes.flatMap(judgeChange);
}

/**
 * While no operation runs nothing moves. An operation in between, whose beginning or end a fault hid
 * from the harness, is known by the topology's epoch.
 *
 * @param idle the topology at moments at which nothing ran, in time
 */
export function judgeIdle(idle: readonly Topology[]): Violation[] {
  return idle.flatMap((topology, index) => {
    const last = idle[index - 1];
    if (last === undefined || last.epoch !== topology.epoch) return [];
    const now = ownersOf(topology);
    const slot = ownersOf(last).findIndex((was, at) => {
      return was.shard !== now[at]?.shard || was.epoch !== now[at]?.epoch;
    });
    if (slot < 0) return [];
    const message = `slot ${slot} changed hands while no operation ran`;
    return [{ judge: "topology", message, detail: [] }];
  });
}

function judgeChange(change: Change): Violation[] {
  const before = ownersOf(change.before);
  const after = ownersOf(change.after);
  const moved = after.flatMap((now, slot) => {
    const was = before[slot];
    return was === undefined || was.shard === now.shard ? [] : [{ slot, from: was, to: now }];
  });
  const back = after.findIndex(({ epoch }, slot) => epoch < (before[slot]?.epoch ?? 0));
  const wrong: string[] = back < 0 ? [] : [`the epoch of slot ${back} went back`];
  const stray = moved.find(({ from, to }) => {
    if (change.kind === "drain") return !change.shards.includes(from.shard);
    return change.kind === "register" && !change.shards.includes(to.shard);
  });
  if (stray !== undefined) {
    const { slot, from, to } = stray;
    wrong.push(`slot ${slot} moved from ${from.shard} to ${to.shard}, whom it is not about`);
  }
  const isRegister = change.kind === "register" && change.state === "done";
  if (isRegister && isEven(change.after) && moved.length > registerMax(change.after)) {
    wrong.push(`${moved.length} slots moved, where ${registerMax(change.after)} may`);
  }
  return wrong.map((message): Violation => {
    const detail = [`${change.kind} of ${change.shards.join(", ")}`, ...change.orders];
    return { judge: "topology", message, detail };
  });
}

function registerMax({ shards }: Topology): number {
  const active = shards.filter(({ state }) => state === "active").length;
  return Math.floor(SLOT_COUNT * (1 / active + REGISTER_SLACK));
}

const isEven = ({ shards }: Topology): boolean =>
  new Set(shards.filter(({ state }) => state === "active").map(({ weight }) => weight)).size === 1;

function ownersOf({ ranges }: Topology): { shard: string; epoch: number }[] {
  return ranges.flatMap(({ first, last, shard, epoch }) =>
    Array.from({ length: last - first + 1 }, () => ({ shard, epoch })),
  );
}

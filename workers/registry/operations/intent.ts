import { counted } from "../../../words/counts.ts";
import type { OperationKind, RefusalReason, WeightChange } from "../../contracts/operations.ts";
import type { ShardSpec } from "../../contracts/topology.ts";
import { SHARDS_MAX } from "../../lib/limits.ts";
import { activeShards, joiningMembers, type Shard, type World } from "../shards-store.ts";
import { assignDrain, assignRebalance, assignRegister, type SlotMove } from "../slot-assignment.ts";
import type { PlannedMove } from "../packed-moves-store.ts";

/** What an operator wants; kept with the plan, so that it can be thought through again at its start. */
export type PlanRequest =
  /** `spared`: shards that do not answer, and are left their slots. */
  | { kind: "register"; specs: ShardSpec[]; spared?: string[] }
  | { kind: "drain"; shard: string }
  | { kind: "rebalance"; weights: { shard: string; weight: number }[] }
  | { kind: "undo"; operation: string }
  | { kind: "remove"; shard: string };

/**
 * What a request comes down to in the world as it is. The same world gives the same intent, so the
 * one that a plan shows is the one that its start carries out.
 */
export interface Intent {
  kind: OperationKind;
  /** The shards it is about. */
  shards: string[];
  specs: ShardSpec[];
  joins: string[];
  leaves: string[];
  weights: WeightChange[];
  undoes: string | null;
  moves: PlannedMove[];
  warnings: string[];
}

/** Why it cannot be done. */
export interface Objection {
  kind: "objection";
  reason: RefusalReason;
  message: string;
}

export function objection(reason: RefusalReason, message: string): Objection {
  return { kind: "objection", reason, message };
}

const NOTHING = { specs: [], joins: [], leaves: [], weights: [], undoes: null, warnings: [] };

/** Newcomers take nothing from those that are spared, and are smaller for it. */
export function intendRegister(
  world: World,
  specs: ShardSpec[],
  spared: readonly string[] = [],
): Intent | Objection {
  const taken = specs.find((spec) => world.byName.has(spec.name));
  if (taken !== undefined) {
    return objection("shard-exists", `${taken.name} is registered already.`);
  }
  if (world.byName.size + specs.length > SHARDS_MAX) {
    const message = `There are ${counted(world.byName.size, "shard")}; the registry keeps ${SHARDS_MAX}.`;
    return objection("too-many-shards", message);
  }
  const joining = joiningMembers(world, specs);
  const names = world.byId.map((shard) => shard?.name);
  joining.forEach((member, index) => (names[member.id] = specs[index]?.name));
  const moves = assignRegister(world.table.owners, activeShards(world), joining);
  const joins = specs.map((spec) => spec.name);
  const wanted = named(world, moves, names);
  const planned = wanted.filter(({ source }) => source === null || !spared.includes(source));
  const warnings = [...tooSmall(joins, wanted), ...sparedWarnings(world, spared)];
  return { ...NOTHING, kind: "register", shards: joins, specs, joins, moves: planned, warnings };
}

function tooSmall(joins: readonly string[], wanted: readonly PlannedMove[]): string[] {
  const targets = new Set(wanted.map((move) => move.target));
  return joins
    .filter((name) => !targets.has(name))
    .map((name) => `${name} would own no slot: its weight is too small beside the others'.`);
}

function sparedWarnings(world: World, spared: readonly string[]): string[] {
  return spared.map((name) => {
    const slots = world.slotCounts[world.byName.get(name)?.id ?? -1] ?? 0;
    return `${name} does not answer: it keeps its ${counted(slots, "slot")}, and the new shards take none of them.`;
  });
}

export function intendDrain(world: World, name: string): Intent | Objection {
  const shard = world.byName.get(name);
  if (shard === undefined) return unknownShard(name);
  if (shard.state === "draining") {
    return objection("shard-draining", `${name} is being drained already.`);
  }
  if (shard.state === "drained") {
    return objection("shard-drained", `${name} is drained already; it can be deregistered.`);
  }
  const survivors = survivorsOf(world, shard);
  if (survivors.length === 0) return lastActive(name);
  const moves = assignDrain(world.table.owners, shard.id, survivors);
  return {
    ...NOTHING,
    kind: "drain",
    shards: [name],
    leaves: [name],
    moves: named(world, moves),
    warnings: aloneWarning(survivors),
  };
}

export function intendRebalance(
  world: World,
  wanted: readonly { shard: string; weight: number }[],
): Intent | Objection {
  const weights: WeightChange[] = [];
  for (const { shard: name, weight } of wanted) {
    const shard = world.byName.get(name);
    if (shard === undefined) return unknownShard(name);
    if (shard.state !== "active") {
      const reason = shard.state === "draining" ? "shard-draining" : "shard-drained";
      return objection(reason, `${name} is ${shard.state}, so it has no share.`);
    }
    if (shard.weight !== weight) weights.push({ shard: name, before: shard.weight, after: weight });
  }
  const after = new Map(weights.map((change) => [change.shard, change.after]));
  const members = activeShards(world).map(({ id, name, weight }) => ({
    id,
    weight: after.get(name) ?? weight,
  }));
  const moves = assignRebalance(world.table.owners, members);
  if (moves.length === 0 && weights.length === 0) {
    const message = "The weights are as they were, and every share is within one slot of its own.";
    return objection("nothing-to-move", message);
  }
  const planned = named(world, moves);
  const touched = planned.flatMap((move) => [move.source ?? move.target, move.target]);
  const shards = weights.length > 0 ? weights.map((one) => one.shard) : [...new Set(touched)];
  return { ...NOTHING, kind: "rebalance", shards, weights, moves: planned };
}

/** For a shard that is gone for good: its slots go on empty elsewhere. */
export function intendRemove(world: World, name: string): Intent | Objection {
  const shard = world.byName.get(name);
  if (shard === undefined) return unknownShard(name);
  const survivors = survivorsOf(world, shard);
  if (survivors.length === 0) return lastActive(name);
  const moves = assignDrain(world.table.owners, shard.id, survivors);
  return {
    ...NOTHING,
    kind: "remove",
    shards: [name],
    moves: named(world, moves),
    warnings: aloneWarning(survivors),
  };
}

function survivorsOf(world: World, leaver: Shard): Shard[] {
  return activeShards(world).filter((shard) => shard.id !== leaver.id);
}

function aloneWarning(survivors: readonly Shard[]): string[] {
  const [only, ...others] = survivors;
  if (only === undefined || others.length > 0) return [];
  return [`${only.name} would be the only active shard, and could not be drained itself.`];
}

function unknownShard(name: string): Objection {
  return objection("shard-unknown", `There is no shard ${name}.`);
}

function lastActive(name: string): Objection {
  return objection("last-active-shard", `${name} is the last active shard.`);
}

function named(
  world: World,
  moves: readonly SlotMove[],
  names: readonly (string | undefined)[] = world.byId.map((shard) => shard?.name),
): PlannedMove[] {
  return moves.map(({ slot, source, target }) => ({
    slot,
    source: source === null ? null : (names[source] ?? null),
    target: names[target] ?? "",
    fromEpoch: world.table.epochs[slot] ?? 0,
  }));
}

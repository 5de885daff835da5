import type { Actor } from "../../contracts/access.ts";
import { SHARDS_MAX } from "../../lib/limits.ts";
import { deleteSize } from "../figures-store.ts";
import {
  type Effect,
  insertOperation,
  saveEnd,
  saveUndoneBy,
  type StoredOperation,
} from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import {
  deleteShard,
  insertShard,
  joiningMembers,
  setShardState,
  setShardWeight,
  takeEpoch,
  type World,
} from "../shards-store.ts";
import { insertSlotMoves, trimSlotMoves } from "../slot-moves-store.ts";
import type { PlannedMove } from "../packed-moves-store.ts";
import { commitSlots, insertSlots } from "../slot-table.ts";
import { insertSources, type SourceTotals, type Work } from "../sources-store.ts";
import { endIfDone } from "./ending.ts";
import type { Intent } from "./intent.ts";
import { activeNames } from "./make-plan.ts";
import { groupsBySource, logTargets } from "./measure.ts";
import { NO_WORK } from "./work.ts";

export interface Beginning {
  intent: Intent;
  planId: string;
  actor: Actor;
  reason: string;
  /** What each source is expected to move, as far as it was measured. */
  amounts: Map<string, Work>;
}

/**
 * The intent, persisted. Call it inside `changeWorld`, together with the event that tells it: from
 * there on the operation ends, whatever crashes.
 */
export function begin(state: RegistryState, world: World, beginning: Beginning): StoredOperation {
  const { sql, nowMs } = state;
  const { intent, planId, actor, reason } = beginning;
  const epoch = takeEpoch(sql);
  applyEffect(state, world, intent);
  const { assigned, moving } = split(intent);
  const operation = insertOperation(sql, {
    kind: intent.kind,
    planId,
    epoch,
    shards: intent.shards,
    slotsTotal: intent.moves.length,
    slotsAssigned: assigned.length,
    actor,
    reason,
    effect: effectOf(world, intent, assigned),
    undoes: intent.undoes,
    startedAtMs: nowMs,
  });
  assign(state, world, intent, assigned, epoch);
  insertSlotMoves(sql, operation.seq, assigned, "cleaned");
  insertSlotMoves(sql, operation.seq, moving, "waiting");
  insertSources(sql, operation.seq, sourcesOf(intent, beginning.amounts));
  if (intent.undoes !== null) saveUndoneBy(sql, intent.undoes, operation.id);
  trimSlotMoves(sql, nowMs);
  if (intent.kind === "remove") saveEnd(sql, operation, "done", nowMs);
  else endIfDone(state, operation, "untold");
  return operation;
}

/** Slots without an owner, and those of a shard that is gone, need nobody's consent. */
function split({ kind, moves }: Intent): { assigned: PlannedMove[]; moving: PlannedMove[] } {
  const isFree = (move: PlannedMove) => kind === "remove" || move.source === null;
  return { assigned: moves.filter(isFree), moving: moves.filter((move) => !isFree(move)) };
}

function applyEffect({ sql, nowMs, breakers }: RegistryState, world: World, intent: Intent): void {
  const joining = joiningMembers(world, intent.specs);
  intent.specs.forEach((spec, index) => {
    insertShard(sql, joining[index]?.id ?? SHARDS_MAX, spec, nowMs);
  });
  for (const name of intent.joins) setShardState(sql, name, "active");
  for (const name of intent.leaves) setShardState(sql, name, "draining");
  for (const { shard, after } of intent.weights) setShardWeight(sql, shard, after);
  if (intent.kind !== "remove") return;
  for (const name of intent.shards) {
    const gone = world.byName.get(name);
    if (gone === undefined) continue;
    breakers.delete(gone.id);
    deleteSize(sql, name);
    deleteShard(sql, gone.id);
  }
}

function effectOf(world: World, intent: Intent, assigned: readonly PlannedMove[]): Effect {
  return {
    joins: intent.joins,
    leaves: intent.leaves,
    weights: intent.weights,
    logTargets: logTargets(intent, activeNames(world)),
    isFirst: intent.kind === "register" && assigned.length > 0,
  };
}

function assign(
  { sql }: RegistryState,
  world: World,
  intent: Intent,
  assigned: readonly PlannedMove[],
  epoch: number,
): void {
  const joining = joiningMembers(world, intent.specs);
  const ids = new Map([...world.byName.values()].map((shard) => [shard.name, shard.id]));
  intent.specs.forEach((spec, index) => ids.set(spec.name, joining[index]?.id ?? SHARDS_MAX));
  for (const [target, batch] of Map.groupBy(assigned, (move) => move.target)) {
    const id = ids.get(target) ?? SHARDS_MAX;
    if (intent.kind === "remove") commitSlots(sql, batch, id, epoch);
    else insertSlots(sql, slotsOf(batch), id, epoch);
  }
}

function slotsOf(moves: readonly PlannedMove[]): number[] {
  return moves.map((move) => move.slot);
}

function sourcesOf(intent: Intent, amounts: Map<string, Work>): SourceTotals[] {
  if (intent.kind === "remove") return [];
  return [...groupsBySource(intent)].map(([source, groups]) => ({
    source,
    ...(amounts.get(source) ?? NO_WORK),
    slots: groups.reduce((sum, group) => sum + group.slots.length, 0),
    logsState: intent.leaves.includes(source) ? ("due" as const) : ("stay" as const),
  }));
}

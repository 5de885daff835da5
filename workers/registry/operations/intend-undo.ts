import type { WeightChange } from "../../contracts/operations.ts";
import { findOperation, type StoredOperation } from "../operations-store.ts";
import type { World } from "../shards-store.ts";
import { listMoved } from "../slot-moves-store.ts";
import type { PlannedMove } from "../packed-moves-store.ts";
import { type Intent, type Objection, objection } from "./intent.ts";
import { isOver, undoableUntilMs } from "./progress.ts";
import { beforeUndone, whetherAsLeft } from "./way-home.ts";

/**
 * The way back: exactly the slots that the operation has committed and that are still where it put
 * them, each to where it came from. Slots that a later operation has moved on stay there, and so do
 * those that are back already, as a cancelled undo leaves them.
 */
export function intendUndo(
  sql: SqlStorage,
  world: World,
  id: string,
  nowMs: number,
): Intent | Objection {
  const operation = findOperation(sql, id);
  if (operation === null) return objection("operation-unknown", "There is no such operation.");
  if (!isOver(operation)) {
    return objection("operation-running", "It has not ended yet; cancel it to take it back.");
  }
  if (undoableUntilMs(operation, nowMs) === null) {
    return objection("not-undoable", whyNot(operation));
  }
  return reverse(sql, world, operation);
}

/** The same for an operation that is just being cancelled. */
export function reverse(
  sql: SqlStorage,
  world: World,
  operation: StoredOperation,
): Intent | Objection {
  const committed = listMoved(sql, operation.seq);
  const joins = operation.effect.leaves;
  const moves: PlannedMove[] = [];
  const isAsLeft = whetherAsLeft(beforeUndone(sql), operation);
  let isHome = 0;
  for (const { slot, source, target } of committed) {
    const owner = world.byId[world.table.owners[slot] ?? -1]?.name;
    const epoch = world.table.epochs[slot] ?? 0;
    if (owner !== target || !isAsLeft(slot, epoch)) {
      if (owner === source) isHome += 1;
      continue;
    }
    const home = source === null ? undefined : world.byName.get(source);
    if (home === undefined) {
      return objection("not-undoable", `${source}, where slots would go back to, is gone.`);
    }
    if (home.state !== "active" && !joins.includes(home.name)) {
      const message = `${home.name}, where slots would go back to, is ${home.state}.`;
      return objection("not-undoable", message);
    }
    moves.push({ slot, source: target, target: home.name, fromEpoch: epoch });
  }
  const gone = joins.find((name) => !world.byName.has(name));
  if (gone !== undefined) {
    return objection("not-undoable", `${gone} has been deregistered since.`);
  }
  const { leaves, warnings } = whoLeaves(world, operation, moves);
  const weights = weightsBack(world, operation);
  if (moves.length + joins.length + leaves.length + weights.length === 0) {
    return objection("nothing-to-move", "Nothing that it moved is still where it put it.");
  }
  const left = committed.length - moves.length - isHome;
  if (left > 0) warnings.push(`${left} of its slots have moved on since, and stay where they are.`);
  const { kind, shards } = { kind: "undo" as const, shards: operation.shards };
  return { kind, shards, specs: [], joins, leaves, weights, undoes: operation.id, moves, warnings };
}

/** A shard that had joined leaves, unless a later operation gave it slots that it would keep. */
function whoLeaves(
  world: World,
  { effect }: StoredOperation,
  moves: readonly PlannedMove[],
): { leaves: string[]; warnings: string[] } {
  const leaves: string[] = [];
  const warnings: string[] = [];
  for (const name of effect.joins) {
    const shard = world.byName.get(name);
    if (shard === undefined || shard.state === "drained") continue;
    const owned = world.slotCounts[shard.id] ?? 0;
    const kept = owned - moves.filter((move) => move.source === name).length;
    if (kept === 0) leaves.push(name);
    else warnings.push(`${name} keeps ${kept} slots that it got later, and stays active.`);
  }
  return { leaves, warnings };
}

function weightsBack(world: World, { effect }: StoredOperation): WeightChange[] {
  return effect.weights.flatMap(({ shard, before, after }) =>
    world.byName.get(shard)?.weight === after ? [{ shard, before: after, after: before }] : [],
  );
}

function whyNot({ undoneBy, kind, effect }: StoredOperation): string {
  if (undoneBy !== null) return "It has been undone already.";
  if (kind === "remove") return "What a removed shard held is lost; there is nothing to take back.";
  if (effect.isFirst)
    return "Its slots never had another owner; there is nobody to take them back.";
  return "It ended too long ago, or too many operations came after it.";
}

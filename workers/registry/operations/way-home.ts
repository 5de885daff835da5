import { findUndoneAt, type StoredOperation } from "../operations-store.ts";
import type { World } from "../shards-store.ts";
import { listMoved } from "../slot-moves-store.ts";
import { goneSources } from "../sources-store.ts";

/**
 * The shard that an undo needs and that is registered no more, so that there is none; null: every
 * home is there. One that is registered again under its name is a home again.
 */
export function goneHome(sql: SqlStorage, world: World, operation: StoredOperation): string | null {
  const left = operation.effect.leaves.find((name) => !world.byName.has(name));
  if (left !== undefined) return left;
  // Only where a source is gone are its slots looked at: those that have moved on need no home.
  const gone = goneSources(sql, operation.seq);
  if (gone.length === 0) return null;
  const isAsLeft = whetherAsLeft(sql, operation);
  const homeless = listMoved(sql, operation.seq).find(({ slot, source, target }) => {
    if (source === null || !gone.includes(source)) return false;
    const owner = world.byId[world.table.owners[slot] ?? -1]?.name;
    return owner === target && isAsLeft(slot, world.table.epochs[slot] ?? 0);
  });
  return homeless?.source ?? null;
}

/**
 * Whether a slot that has this epoch now is as the operation left it: at its epoch, or at that of an
 * undo which brought the slot back to how it was before a later operation, and so on.
 */
export function whetherAsLeft(
  sql: SqlStorage,
  { epoch: left }: StoredOperation,
): (slot: number, epoch: number) => boolean {
  const before = new Map<number, Map<number, number>>();
  const epochsBefore = (undo: number) => {
    const known = before.get(undo);
    if (known !== undefined) return known;
    const undone = findUndoneAt(sql, undo);
    const moves = undone === null ? [] : listMoved(sql, undone.seq);
    const epochs = new Map(moves.map(({ slot, fromEpoch }) => [slot, fromEpoch]));
    before.set(undo, epochs);
    return epochs;
  };
  return (slot, epoch) => {
    let then: number | undefined = epoch;
    while (then !== undefined && then > left) then = epochsBefore(then).get(slot);
    return then === left;
  };
}

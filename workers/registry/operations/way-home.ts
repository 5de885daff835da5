import { findUndoneAt, type StoredOperation } from "../operations-store.ts";
import type { World } from "../shards-store.ts";
import { listMoved } from "../slot-moves-store.ts";
import { goneSources } from "../sources-store.ts";

/**
 * Whether operations have a home to go back to, for one look at them: the list of operations asks it
 * of a hundred, in the object that routes, and what they share is read once.
 */
export class Homes {
  readonly #sql: SqlStorage;
  readonly #world: World;
  readonly #before: BeforeUndone;
  #epochsLeft: ReadonlySet<number> | null = null;

  constructor(sql: SqlStorage, world: World) {
    this.#sql = sql;
    this.#world = world;
    this.#before = beforeUndone(sql);
  }

  /**
   * The shard that an undo needs and that is drained, or registered no more, so that there is none;
   * null: every home is there. One that is active again, or registered again under its name, is a
   * home again; and the undo of a drain makes active who was drained by it.
   */
  gone(operation: StoredOperation): string | null {
    const { byName, byId, table } = this.#world;
    const { leaves } = operation.effect;
    const left = leaves.find((name) => !byName.has(name));
    if (left !== undefined) return left;
    // Only where a source is gone are its slots looked at: those that have moved on need no home.
    const gone = goneSources(this.#sql, operation.seq).filter((name) => !leaves.includes(name));
    if (gone.length === 0 || !this.#hasLeftOne(operation)) return null;
    const isAsLeft = whetherAsLeft(this.#before, operation);
    const homeless = listMoved(this.#sql, operation.seq).find(({ slot, source, target }) => {
      if (source === null || !gone.includes(source)) return false;
      const owner = byId[table.owners[slot] ?? -1]?.name;
      return owner === target && isAsLeft(slot, table.epochs[slot] ?? 0);
    });
    return homeless?.source ?? null;
  }

  has(shard: string): boolean {
    return this.#world.byName.has(shard);
  }

  /** Mostly false after a while; then what the operation moved, slot by slot, need not be read. */
  #hasLeftOne({ epoch }: StoredOperation): boolean {
    this.#epochsLeft ??= epochsLeft(this.#world, this.#before);
    return this.#epochsLeft.has(epoch);
  }
}

/** The epochs of all operations that have left one slot at least as it is now. */
function epochsLeft({ table }: World, before: BeforeUndone): Set<number> {
  const epochs = new Set<number>();
  table.epochs.forEach((epoch, slot) => {
    let then: number | undefined = epoch;
    for (; then !== undefined; then = before(then).get(slot)) epochs.add(then);
  });
  return epochs;
}

/**
 * Given an undo's epoch, the epochs that slots had before the operation which it took back, by slot;
 * none: it is no undo's.
 */
export type BeforeUndone = (undo: number) => ReadonlyMap<number, number>;

/** Reads each undo once. */
export function beforeUndone(sql: SqlStorage): BeforeUndone {
  const read = new Map<number, Map<number, number>>();
  return (undo) => {
    const known = read.get(undo);
    if (known !== undefined) return known;
    const undone = findUndoneAt(sql, undo);
    const moves = undone === null ? [] : listMoved(sql, undone.seq);
    const epochs = new Map(moves.map(({ slot, fromEpoch }) => [slot, fromEpoch]));
    read.set(undo, epochs);
    return epochs;
  };
}

/**
 * Whether a slot that has this epoch now is as the operation left it: at its epoch, or at that of an
 * undo which brought the slot back to how it was before a later operation, and so on.
 */
export function whetherAsLeft(
  before: BeforeUndone,
  { epoch: left }: StoredOperation,
): (slot: number, epoch: number) => boolean {
  return (slot, epoch) => {
    let then: number | undefined = epoch;
    while (then !== undefined && then > left) then = before(then).get(slot);
    return then === left;
  };
}

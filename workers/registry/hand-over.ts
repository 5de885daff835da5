import { MINUTE_MS, SECOND_MS } from "../lib/clock.ts";
import type { Outbox } from "./events.ts";
import {
  countMoved,
  deleteMoves,
  endOperation,
  insertMoves,
  listMoves,
  type Move,
  recordAttempt,
  refuseMoves,
  runningOperation,
  type StoredOperation,
} from "./operations-store.ts";
import type { Commit, World } from "./shards-store.ts";
import { slotsOf } from "./slot-assignment.ts";
import { commitSlots } from "./slot-table.ts";

/**
 * The hand-over of slots that hold no entries, the second half of a register.
 *
 * The intent stands in storage before any source is asked, and only a committed slot changes
 * hands. Asking a source twice does no harm, since it answers a slot that it has closed already
 * as released; committing twice does none either, since a commit compares the slot's epoch. So
 * after a crash at any point the next drive asks the same again and ends what was begun.
 */

/** The first round asks for what the plan wished, each later one for others in place of refused. */
export const ROUNDS_MAX = 4;

export const RETRY_MS_BASE = SECOND_MS;
export const RETRY_MS_MAX = MINUTE_MS;

export interface HandOverPorts {
  sql: SqlStorage;
  outbox: Outbox;
  world(): World;
  /** Runs `work` in one transaction; `world()` follows the commits that it answers. */
  commit(work: () => Commit[]): void;
  nowMs(): number;
  /** 0 ≤ random() < 1 */
  random(): number;
  /** Asks the source; throws when the outcome is unknown. */
  releaseSlots(shard: string, slots: number[], belowEpoch: number): Promise<number[]>;
}

export type DriveAnswer = { kind: "idle" } | { kind: "retry"; afterMs: number };

/** Drives the running operation as far as it goes: to its end, or until a source has to wait. */
export async function driveHandOver(ports: HandOverPorts): Promise<DriveAnswer> {
  for (;;) {
    const operation = runningOperation(ports.sql);
    if (operation === null) return { kind: "idle" };
    const wanted = Map.groupBy(
      listMoves(ports.sql, operation.id).filter((move) => move.state === "wanted"),
      (move) => move.sourceId,
    );
    if (wanted.size === 0) {
      finish(ports, operation);
      return { kind: "idle" };
    }
    const errors = await Promise.all(
      [...wanted].map(([sourceId, moves]) => askSource(ports, operation, sourceId, moves)),
    );
    const error = errors.find((one) => one !== null);
    if (error !== undefined) return failAttempt(ports, error);
  }
}

/** Null when the source has answered and its answer is committed; otherwise what went wrong. */
async function askSource(
  ports: HandOverPorts,
  operation: StoredOperation,
  sourceId: number,
  moves: readonly Move[],
): Promise<string | null> {
  const source = nameOf(ports.world(), sourceId);
  try {
    const slots = moves.map((move) => move.slot);
    const released = await ports.releaseSlots(source, slots, operation.epoch);
    ports.commit(() => settle(ports, operation, moves, new Set(released)));
    return null;
  } catch (error) {
    return `${source} could not be asked to hand over its slots: ${sentence(error)}`;
  }
}

/** What one source answered, in one transaction with the events that tell it. */
function settle(
  ports: HandOverPorts,
  operation: StoredOperation,
  moves: readonly Move[],
  released: ReadonlySet<number>,
): Commit[] {
  const refused = moves.filter((move) => !released.has(move.slot));
  refuseMoves(
    ports.sql,
    refused.map((move) => move.slot),
  );
  insertMoves(ports.sql, operation.id, replacements(ports, operation, refused));
  const given = moves.filter((move) => released.has(move.slot));
  return [...Map.groupBy(given, (move) => move.targetId)].map(([targetId, batch]) =>
    commit(ports, operation, targetId, batch),
  );
}

function commit(
  ports: HandOverPorts,
  operation: StoredOperation,
  targetId: number,
  batch: readonly Move[],
): Commit {
  const { sql, outbox } = ports;
  const committed = commitSlots(sql, batch, targetId, operation.epoch);
  deleteMoves(
    sql,
    batch.map((move) => move.slot),
  );
  countMoved(sql, operation.id, committed.length);
  const source = nameOf(ports.world(), batch[0]?.sourceId ?? targetId);
  const target = nameOf(ports.world(), targetId);
  outbox.append(
    {
      actor: operation.actor,
      action: "slots.commit",
      subject: target,
      outcome: "done",
      reason: operation.reason,
      before: { shard: source, slots: committed.length },
      after: { shard: target, epoch: operation.epoch, operation: operation.id },
    },
    ports.nowMs(),
  );
  return { slots: committed, shardId: targetId, epoch: operation.epoch };
}

/** Other slots of the same source, highest first, that were not asked for yet. */
function replacements(
  ports: HandOverPorts,
  operation: StoredOperation,
  refused: readonly Move[],
): Omit<Move, "state">[] {
  const first = refused[0];
  if (first === undefined || first.round + 1 >= ROUNDS_MAX) return [];
  const asked = new Set(listMoves(ports.sql, operation.id).map((move) => move.slot));
  const { table } = ports.world();
  const free = slotsOf(table.owners, first.sourceId).filter((slot) => !asked.has(slot));
  return free.slice(-refused.length).map((slot, index) => ({
    slot,
    sourceId: first.sourceId,
    targetId: refused[index]?.targetId ?? first.targetId,
    fromEpoch: table.epochs[slot] ?? 0,
    round: first.round + 1,
  }));
}

function finish(ports: HandOverPorts, operation: StoredOperation): void {
  const kept = operation.slotsTotal - operation.slotsMoved;
  const slots = kept === 1 ? "1 slot stays" : `${kept} slots stay`;
  const lastError = kept === 0 ? null : `${slots} where they are because they hold entries.`;
  ports.commit(() => {
    end(ports, operation, lastError);
    return [];
  });
}

/**
 * Waits, and is never given up: nobody knows whether a source that does not answer has closed its
 * slots, and committing them anywhere without knowing could lose what it holds. Meanwhile it
 * serves those that it has not closed; the error stands where the operator looks.
 */
function failAttempt(ports: HandOverPorts, error: string): DriveAnswer {
  const operation = runningOperation(ports.sql);
  if (operation === null) return { kind: "idle" };
  recordAttempt(ports.sql, operation.id, error);
  return { kind: "retry", afterMs: retryAfterMs(operation.attempts, () => ports.random()) };
}

/** Half of an exponentially growing time, and up to as much again. */
export function retryAfterMs(attempts: number, random: () => number): number {
  const ceiling = Math.min(RETRY_MS_MAX, RETRY_MS_BASE * 2 ** attempts);
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

function end(ports: HandOverPorts, operation: StoredOperation, lastError: string | null): void {
  const nowMs = ports.nowMs();
  endOperation(ports.sql, operation.id, lastError, nowMs);
  const { actor, reason, slotsTotal, slotsMoved, epoch } = operation;
  ports.outbox.append(
    {
      actor,
      action: "operation.end",
      subject: operation.shards.join(", "),
      outcome: "done",
      reason,
      before: { operation: operation.id, slotsTotal },
      after: { slotsMoved, epoch, lastError },
    },
    nowMs,
  );
}

function nameOf(world: World, id: number): string {
  return world.byId[id]?.name ?? `shard ${id}`;
}

export function sentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}

import type { CommitAnswer, MoveCommit, SlotDigest } from "../../contracts/moves.ts";
import { findOperation, type StoredOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import type { Commit } from "../shards-store.ts";
import { findSlotMoves, markCommitted, type SlotMoveRow } from "../slot-moves-store.ts";
import { commitSlots } from "../slot-table.ts";
import { addCommitted } from "../sources-store.ts";
import { isOver } from "./progress.ts";

/**
 * The one place where a slot that may hold entries changes hands: a compare-and-set on its owner,
 * its epoch and its row in the operation, in one transaction. The answer is final either way, and
 * the same however often it is asked for: a source that has closed its slots leans on that.
 */
export function commitMoves(state: RegistryState, commit: MoveCommit): CommitAnswer {
  state.flights.heard(commit.shard, state.nowMs);
  const answer = state.commit(() => {
    const operation = findOperation(state.sql, commit.operation);
    const verdicts = judge(state, operation, commit);
    const commits = operation === null ? [] : carryOut(state, operation, commit, verdicts.fresh);
    const committed = [...verdicts.fresh.map((digest) => digest.slot), ...verdicts.before];
    return { result: { committed, refused: verdicts.refused }, commits };
  });
  if (answer.committed.length > 0) {
    state.observer.changed("operation");
    state.observer.reached("registry:committed");
  }
  return answer;
}

interface Verdicts {
  /** To be committed now. */
  fresh: SlotDigest[];
  /** Committed by an earlier call whose answer was lost. */
  before: number[];
  refused: number[];
}

function judge(
  state: RegistryState,
  operation: StoredOperation | null,
  { shard, epoch, digests }: MoveCommit,
): Verdicts {
  const { world, sql } = state;
  const verdicts: Verdicts = { fresh: [], before: [], refused: [] };
  const slots = digests.map((digest) => digest.slot);
  const rows = operation === null ? new Map() : findSlotMoves(sql, operation.seq, slots);
  for (const digest of new Map(digests.map((one) => [one.slot, one])).values()) {
    const { slot } = digest;
    const row: SlotMoveRow | undefined = rows.get(slot);
    // An epoch belongs to one operation, so a slot that has it was committed by this one, also
    // when nobody remembers the row any more.
    const isCommitted =
      row === undefined || operation?.epoch !== epoch
        ? world.table.epochs[slot] === epoch
        : row.source === shard && (row.state === "committed" || row.state === "cleaned");
    if (isCommitted) verdicts.before.push(slot);
    else if (mayCommit(state, operation, row, shard, epoch)) verdicts.fresh.push(digest);
    else verdicts.refused.push(slot);
  }
  return verdicts;
}

function mayCommit(
  { world }: RegistryState,
  operation: StoredOperation | null,
  row: SlotMoveRow | undefined,
  shard: string,
  epoch: number,
): boolean {
  if (operation === null || isOver(operation) || operation.epoch !== epoch) return false;
  if (row === undefined || row.state !== "waiting" || row.source !== shard) return false;
  const owner = world.byId[world.table.owners[row.slot] ?? -1];
  return (
    owner?.name === shard &&
    world.table.epochs[row.slot] === row.fromEpoch &&
    world.byName.has(row.target)
  );
}

function carryOut(
  state: RegistryState,
  operation: StoredOperation,
  { shard }: MoveCommit,
  digests: readonly SlotDigest[],
): Commit[] {
  if (digests.length === 0) return [];
  const { sql, world, nowMs } = state;
  const slots = digests.map((digest) => digest.slot);
  const rows = [...findSlotMoves(sql, operation.seq, slots).values()];
  const commits = [...Map.groupBy(rows, (row) => row.target)].map(([target, batch]): Commit => {
    const shardId = world.byName.get(target)?.id ?? -1;
    const changed = commitSlots(sql, batch, shardId, operation.epoch);
    if (changed.length !== batch.length) throw new Error("Memory and storage disagree on owners.");
    return { slots: changed, shardId, epoch: operation.epoch };
  });
  markCommitted(sql, operation.seq, digests, nowMs);
  const moved = {
    slots: digests.length,
    entries: digests.reduce((sum, digest) => sum + digest.entries, 0),
    bytes: digests.reduce((sum, digest) => sum + digest.bytes, 0),
  };
  addCommitted(sql, operation.seq, shard, moved, nowMs);
  state.flights.landed(operation.seq, shard);
  return commits;
}

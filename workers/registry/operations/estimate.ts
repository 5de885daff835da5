import type { PlanEstimate, SlotTransfer } from "../../contracts/operations.ts";
import { MOVE_ORDER_SLOTS_MAX } from "../../lib/limits.ts";
import type { Work } from "../sources-store.ts";
import { durationMs, NO_WORK, WORK_PER_SECOND_DEFAULT } from "./work.ts";

/**
 * What a plan says of time and money. Rows and requests are counted from how a move goes, at the
 * prices of https://developers.cloudflare.com/durable-objects/platform/pricing/.
 */

const DOLLARS_PER_REQUEST = 0.15 / 1_000_000;
const DOLLARS_PER_ROW_WRITTEN = 1 / 1_000_000;

/** Row and key index, at the target when it is staged and at the source when it is deleted; half of
 * the entries have an expiry, which is one more index row on either side. */
const ROWS_PER_ENTRY = 5;
/** Registry: slot row, and its move's row three times. Source: the move's row and fence, four steps.
 * Target: stage and fence. */
const ROWS_PER_SLOT = 12;
/** Inserted at the target, deleted at the source. */
const ROWS_PER_LOG = 2;
/** A forced removal writes the slot's row and its move's. */
const ROWS_PER_LOST_SLOT = 2;

const ENTRIES_PER_CHUNK = 256;
const BYTES_PER_CHUNK = 4 * 1_048_576;
const LOGS_PER_CHUNK = 1_000;
/** nextMoves, a last chunk of changes, seal, commit, adopt, two reports. */
const REQUESTS_PER_BATCH = 7;

export function estimate(
  transfers: readonly SlotTransfer[],
  ratePerSecond: number | null,
): PlanEstimate {
  const total = transfers.reduce(add, NO_WORK);
  const moved = transfers.filter((one) => one.source !== null);
  const rowsWritten = Math.ceil(
    total.entries * ROWS_PER_ENTRY + total.slots * ROWS_PER_SLOT + total.logs * ROWS_PER_LOG,
  );
  const requests = moved.reduce((sum, transfer) => sum + requestsOf(transfer), 0);
  const rate = ratePerSecond ?? WORK_PER_SECOND_DEFAULT;
  const bySource = Map.groupBy(moved, (transfer) => transfer.source);
  const times = [...bySource.values()].map((own) =>
    durationMs(own.reduce(add, NO_WORK), rate, null),
  );
  return {
    durationMs: Math.round(Math.max(0, ...times)),
    basis: ratePerSecond === null ? "default" : "measured",
    rowsWritten,
    requests,
    dollars: requests * DOLLARS_PER_REQUEST + rowsWritten * DOLLARS_PER_ROW_WRITTEN,
  };
}

/** Nothing is copied: the slots only get a new owner. */
export function estimateRemoval(slots: number): PlanEstimate {
  const rowsWritten = slots * ROWS_PER_LOST_SLOT;
  const dollars = rowsWritten * DOLLARS_PER_ROW_WRITTEN;
  return { durationMs: 0, basis: "default", rowsWritten, requests: 1, dollars };
}

function requestsOf({ slots, entries, bytes, logs }: SlotTransfer): number {
  const chunks = Math.ceil(Math.max(entries / ENTRIES_PER_CHUNK, bytes / BYTES_PER_CHUNK));
  const batches = Math.max(chunks, Math.ceil(slots / MOVE_ORDER_SLOTS_MAX));
  return chunks + batches * REQUESTS_PER_BATCH + 2 * Math.ceil(logs / LOGS_PER_CHUNK);
}

function add(sum: Work, { slots, entries, bytes, logs }: SlotTransfer): Work {
  return {
    slots: sum.slots + slots,
    entries: sum.entries + entries,
    bytes: sum.bytes + bytes,
    logs: sum.logs + logs,
  };
}

import type { LogOperation, LogOutcome } from "../../workers/contracts.ts";
import { keyAt } from "./protocol.ts";

/** What one usage log says, in both designs; its key and time are the design's own. */
export interface SampleLog {
  atMs: number;
  type: string;
  operation: LogOperation;
  outcome: LogOutcome;
  entryKey: string;
  slot: number;
  epoch: number;
  bytes: number;
}

const KEYS = 1_000;
const SLOTS = 16_384;

/** The same row for the same index, so that every run measures the same bytes. */
export function sampleLog(index: number): SampleLog {
  return {
    atMs: Date.now(),
    type: "session",
    operation: "get",
    outcome: index % 4 === 0 ? "miss" : "hit",
    entryKey: keyAt(index % KEYS),
    slot: (index * 7_919) % SLOTS,
    epoch: 1,
    bytes: 256,
  };
}

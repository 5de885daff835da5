import type { MoveRegistryApi, MoveTargetApi } from "../../contracts.ts";
import type { Clock } from "../../lib/clock.ts";
import type { EntriesStore } from "../entries-store.ts";
import type { EntryOperations } from "../entry-operations.ts";
import type { FenceTable } from "../fence-table.ts";
import type { Leases } from "../leases.ts";
import type { LogHandover } from "./log-handover.ts";
import type { MoveObserver } from "../../lib/move-points.ts";

/** The world outside the object, as its moves need it. */
export interface MovePorts {
  registry: () => MoveRegistryApi;
  /** A fresh stub. Messages over one stub arrive in the order in which they were sent. */
  target: (shard: string) => MoveTargetApi;
  clock: Clock;
  /** 0…1, exclusive; for jitter. */
  random: () => number;
  /** For the deadline of a call. */
  startTimer: (ms: number) => Timer;
  wait: (ms: number) => Promise<void>;
  /** How long readers of logs may be at it; see LOG_READERS_MS. */
  logReadersMs: number;
}

export interface Timer {
  done: Promise<void>;
  cancel: () => void;
}

/** The shard's own parts, as its moves need them. */
export interface MoveParts {
  sql: SqlStorage;
  transaction: <T>(work: () => T) => T;
  name: () => string;
  fences: FenceTable;
  entries: EntriesStore;
  operations: EntryOperations;
  leases: Leases;
  handover: LogHandover;
  observe: MoveObserver;
  /** The moves' share in the object's one alarm; null: they need none. */
  setAlarm: (atMs: number | null) => void;
}

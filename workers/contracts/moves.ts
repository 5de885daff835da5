import type { NewEntry } from "./entries.ts";
import type { UsageLog, UsageMinute } from "./usage-logs.ts";

/**
 * What source, target and registry say to each other while slots move. The source drives; the
 * registry decides. See docs/moves.md.
 */

/**
 * Where one slot of the source stands. `copying`: the source serves, the target stages. `frozen`:
 * reads are served, writes are told `moving`. `closed`: nothing is served until the registry has
 * said who owns the slot. `cleaning`: the slot has left, its entries go in batches. `logs`: all
 * slots have left, the usage logs follow them.
 */
export type MoveStep = "copying" | "frozen" | "closed" | "cleaning" | "logs";

/** What a shard is to do next, as the registry says it. */
export type MoveOrder =
  | {
      kind: "move";
      operation: string;
      /** What each of the slots gets when its move is committed. */
      epoch: number;
      target: string;
      /** At most MOVE_ORDER_SLOTS_MAX; the source takes as many of them at once as it sees fit. */
      slots: { slot: number; fromEpoch: number }[];
      throttle: Throttle;
    }
  /** Every slot has left. A log goes to `targets[slot % targets.length]`, the minutes to the first. */
  | { kind: "logs"; operation: string; targets: string[]; throttle: Throttle }
  /** The operation is paused, or has work for others only. The registry wakes who waits. */
  | { kind: "wait"; afterMs: number }
  | { kind: "idle" };

/** Entries (or logs) a second that one source may copy; null: as fast as it can. */
export type Throttle = number | null;

/** What a source tells while it works; the same report may be told again. */
export interface MoveReport {
  shard: string;
  operation: string;
  step: MoveStep;
  /** The slots it is about, and one of them for the eye; null where it is about logs. */
  slots: number;
  slot: number | null;
  /** Copied so far of the slots in flight, not yet committed. */
  entriesInFlight: number;
  bytesInFlight: number;
  /** Slots whose entries are gone from the source since the last report. */
  cleaned: number[];
  /** Logs handed over so far and left, absolute; null before the hand-over began. */
  logs: { moved: number; left: number } | null;
  /** As many logs as the source has while its slots leave. Traffic goes on, so it is not the plan's. */
  logsHere?: number;
  /** All of it is with its targets, minutes included; only the last readers are waited for. */
  logsCopied?: boolean;
  /** True once, with the last report: the logs are with their targets and gone here. */
  logsDone: boolean;
  /** What went wrong since the last report; the source tries again by itself. */
  error: string | null;
}

/**
 * `hold`: the operation is paused; what is in flight is finished, and nothing new is begun, also no
 * batch of logs. `stop`: it was cancelled; what is not committed reopens where it was.
 */
export type MoveInstruction = { kind: "go" | "hold"; throttle: Throttle } | { kind: "stop" };

/** A slot's contents in short: equal on both sides, or the move is begun again. */
export interface SlotDigest {
  slot: number;
  entries: number;
  /** Sizes as they count against a capacity. */
  bytes: number;
  /** Lower-case hex; independent of order: see shard/moves/digest.ts. */
  hash: string;
}

export interface MoveCommit {
  shard: string;
  operation: string;
  epoch: number;
  digests: SlotDigest[];
}

/**
 * Each slot asked for is in exactly one of both. `committed`: the target owns it at the operation's
 * epoch, now or since an earlier commit. `refused` is final: that operation will never commit it.
 */
export interface CommitAnswer {
  committed: number[];
  refused: number[];
}

/**
 * One attempt of a source to fill a target's stage. `stream` comes from a counter that the source
 * keeps in storage and never uses twice, so messages of an earlier attempt that arrive late are
 * told from those of this one. Chunks count from 0, each sent once its predecessor is acknowledged.
 */
export interface Stream {
  operation: string;
  source: string;
  epoch: number;
  stream: number;
}

export interface MovedEntry extends NewEntry {
  slot: number;
  type: string;
  key: string;
  storedAtMs: number;
  version: number;
}

export interface MovedKey {
  slot: number;
  type: string;
  key: string;
}

export interface StageChunk {
  chunk: number;
  /** Chunk 0 names the slots; whatever was staged for them before goes first. Empty later. */
  slots: number[];
  entries: MovedEntry[];
  /** Keys that are gone from the source. */
  removed: MovedKey[];
}

export type StageAnswer =
  | { kind: "staged" }
  /** Not the stream or the chunk that is expected: begin again with a new stream. */
  | { kind: "out-of-step" }
  /** What the target held of an earlier tenure is still being removed. */
  | { kind: "cleaning"; retryAfterMs: number }
  /** The target serves one of the slots at this epoch or a later one: the source is behind. */
  | { kind: "serving" };

/** After `sealed` the stage takes no more chunks; the digests are of what it holds. */
export type SealAnswer =
  | { kind: "sealed"; digests: SlotDigest[] }
  | Exclude<StageAnswer, { kind: "staged" }>;

/** The target's side of a move, as a source sees it. Every call may be repeated. */
export interface MoveTargetApi {
  stage(stream: Stream, chunk: StageChunk): Promise<StageAnswer>;
  seal(stream: Stream, chunk: number): Promise<SealAnswer>;
  /** Drops what the stream has staged, unless the slot is served by now. */
  discard(stream: Stream, slots: number[]): Promise<void>;
  /** The source has seen the commit: serve, without waiting for the first request. */
  adoptSlots(slots: number[], epoch: number): Promise<void>;
  /**
   * Usage logs of another shard, kept under their own keys; a key that is here already is kept.
   * `cutMs`: that shard's retention has removed what is older; absent: nothing.
   */
  acceptLogs(logs: UsageLog[], cutMs?: number): Promise<void>;
  /** Minutes of another shard, under that shard's name; of two rows the larger stays. */
  acceptMinutes(minutes: UsageMinute[]): Promise<void>;
}

/** The source's side, as the registry sees it. */
export interface MoveSourceApi extends MoveTargetApi {
  /** There may be something to do: the shard asks `nextMoves`. Answers at once. */
  wake(): Promise<void>;
  /**
   * The shard is about to be removed by force: whatever it owned below `epoch` it answers `moved`
   * to, from now on and for good, also for slots that it has never heard of.
   */
  retire(epoch: number): Promise<void>;
  /**
   * What a plan counts; rows that have expired and are still here count too, for they move. Of a
   * shard that leaves, `logTargets` says how many shards its logs would go to; absent: none.
   */
  measureSlots(
    groups: { target: string; slots: number[] }[],
    logTargets?: number,
  ): Promise<SlotsMeasure>;
}

export interface SlotsMeasure {
  groups: { target: string; slots: number; entries: number; bytes: number }[];
  logs: number;
  /** Logs by `slot % logTargets`: what each of those that take them would get. */
  logsByTarget: number[];
}

/** What a source asks about a target that does not answer, of slots that were to go there. */
export interface StandingQuestion {
  target: string;
  /** At which the slots went there, or were to go. */
  epoch: number;
  slots: number[];
}

/** What cannot change back: a shard that was removed, and a slot whose epoch has gone on. */
export interface TargetStanding {
  /** The target is a shard still. */
  isRegistered: boolean;
  /** Those of the slots that it owns still, at that very epoch. */
  owned: number[];
}

/** The registry's side. */
export interface MoveRegistryApi {
  nextMoves(shard: string): Promise<MoveOrder>;
  reportMoves(report: MoveReport): Promise<MoveInstruction>;
  commitMoves(commit: MoveCommit): Promise<CommitAnswer>;
  standingOf(question: StandingQuestion): Promise<TargetStanding>;
}

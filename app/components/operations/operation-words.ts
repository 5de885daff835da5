import type {
  Amount,
  MoveStep,
  Operation,
  OperationProgress,
  OperationState,
  SlotMoveState,
  SlotMoveView,
} from "../../../workers/contracts.ts";
import { formatCount, formatDuration, formatRate } from "../ui/format.ts";
import type { IconName } from "../ui/icon.tsx";
import type { Tone } from "../ui/status.tsx";

/** The same number as in workers/lib/limits.ts, which no component may import; a test compares. */
export const OPERATIONS_REMEMBERED = 1_000;

interface Look {
  word: string;
  tone: Tone;
  icon: IconName;
}

const STATES: Record<OperationState, Look> = {
  running: { word: "running", tone: "accent", icon: "play" },
  paused: { word: "paused", tone: "warn", icon: "pause" },
  done: { word: "done", tone: "ok", icon: "check" },
  cancelled: { word: "cancelled", tone: "neutral", icon: "cross" },
};

const STALLED: Look = { word: "stalled", tone: "danger", icon: "alert" };

/** `stalled` is how a running operation is when nothing moves. */
export function stateLook({ state, progress }: Pick<Operation, "state" | "progress">): Look {
  if (progress.stalled === null) return STATES[state];
  return state === "paused" ? { ...STALLED, word: "paused, stuck" } : STALLED;
}

/** What holds it up now, in a sentence; null: nothing. An error that it got over is none. */
export function causeNow({ progress }: Pick<Operation, "progress">): string | null {
  if (progress.stalled !== null) return progress.stalled.cause;
  return progress.waitingFor.find(({ cause }) => cause !== null)?.cause ?? null;
}

/** What becomes of the weights that a rebalance was asked for. */
export const CANCELLED_WEIGHTS =
  "Where slots stay that have moved, the weights stay as they were asked for, and another " +
  "rebalance moves the rest. Where none has moved yet, or they go back, the weights are as before.";

export function hasEnded({ state }: Pick<Operation, "state">): boolean {
  return state === "done" || state === "cancelled";
}

/** What a source does at each step, as a reader who waits for it wants to know. */
const STEPS: Record<MoveStep, string> = {
  copying: "entries go to the target; the source serves",
  frozen: "sending the last changes; reads are served, writes wait",
  closed: "waiting for the registry's commit; these slots wait",
  cleaning: "deleting what has moved from the source",
  logs: "they go to the other shards",
};

const LOGS_KEPT = "all handed over; the source keeps its copies a minute, for pages being read";

/** With all its logs handed over a drain still takes a minute, which looks stuck unless it is said. */
export function stepText(step: MoveStep, logs: Amount): string {
  return step === "logs" && logs.moved >= logs.total ? LOGS_KEPT : STEPS[step];
}

const SLOT_STATES: Record<SlotMoveState, Look> = {
  waiting: { word: "waiting", tone: "neutral", icon: "clock" },
  committed: { word: "moved", tone: "accent", icon: "check" },
  cleaned: { word: "moved, cleaned", tone: "ok", icon: "check" },
  cancelled: { word: "stayed", tone: "neutral", icon: "cross" },
};

/** Nobody had it before, so there was nothing to move. */
const ASSIGNED: Look = { word: "assigned", tone: "ok", icon: "check" };

/** Of a forced removal: nobody was left to ask for what the slot held. */
const TAKEN_OVER_EMPTY: Look = { word: "taken over, empty", tone: "warn", icon: "check" };

export function slotLook({
  source,
  state,
  digest,
}: Pick<SlotMoveView, "source" | "state" | "digest">): Look {
  if (state !== "cleaned" || digest !== null) return SLOT_STATES[state];
  return source === null ? ASSIGNED : TAKEN_OVER_EMPTY;
}

/** `12.3k entries/s since it began`; null: nothing has been measured yet. */
export function rateText({ ratePerSecond, rateUnit }: OperationProgress): string | null {
  if (ratePerSecond === null) return null;
  const since = rateUnit === "logs" ? "since the first of them" : "since it began";
  return `${formatRate(ratePerSecond, rateUnit)} ${since}`;
}

/** How much is left, in time; in words where it cannot be told. */
export function etaText({ state, progress }: Pick<Operation, "state" | "progress">): string {
  if (state === "paused") return "paused";
  if (state !== "running") return "ended";
  if (progress.stalled !== null) return "not known while nothing moves";
  if (progress.etaMs === null) return "not known yet";
  return progress.etaMs < 1_000 ? "about a second" : `about ${formatDuration(progress.etaMs)}`;
}

/** How long it ran, or has been running at `nowMs`. */
export function tookText(
  { startedAtMs, endedAtMs }: Pick<Operation, "startedAtMs" | "endedAtMs">,
  nowMs: number,
): string {
  if (endedAtMs !== null) return formatDuration(endedAtMs - startedAtMs);
  return `${formatDuration(Math.max(0, nowMs - startedAtMs))} so far`;
}

export function throttleText({ throttle }: Pick<Operation, "throttle">): string {
  if (throttle === null) return "as fast as it can";
  return `${formatCount(throttle)} a second and source: entries, then logs`;
}

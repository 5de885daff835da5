import type { SourcePatch } from "./server/bundle.ts";

/** Longer than any reader of the harness takes, short enough for a drain to end within a run. */
export const LOG_READERS_MS = 1_500;

/**
 * What every run changes: how long a drained shard keeps the logs that it has handed over. A
 * product's reader may take a minute; the harness's are done at once.
 */
export const RUN_PATCHES: readonly SourcePatch[] = [
  {
    file: "workers/lib/limits.ts",
    from: "LOG_READERS_MS = 60_000;",
    to: `LOG_READERS_MS = ${LOG_READERS_MS};`,
  },
];

/** A request may be held for as long as a drain takes; the product gives it up before. */
export const RACE_PATCHES: readonly SourcePatch[] = [
  ...RUN_PATCHES,
  {
    file: "workers/lib/limits.ts",
    from: "SHARD_CALL_TIMEOUT_MS = 5_000;",
    to: "SHARD_CALL_TIMEOUT_MS = 120_000;",
  },
];

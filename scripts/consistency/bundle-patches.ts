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

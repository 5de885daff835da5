import { expect, test } from "vitest";
import type { OperationProgress } from "../../../workers/contracts.ts";
import { OPERATIONS_MAX } from "../../../workers/lib/limits.ts";
import {
  causeNow,
  etaText,
  OPERATIONS_REMEMBERED,
  rateText,
  slotLook,
  stateLook,
  stepText,
  throttleText,
  tookText,
} from "./operation-words.ts";

const none = { total: 0, moved: 0 };
const progress: OperationProgress = {
  slots: none,
  entries: none,
  bytes: none,
  logs: none,
  digestsVerified: 0,
  slotsCleaned: 0,
  ratePerSecond: null,
  rateUnit: "entries",
  etaMs: null,
  waitingFor: [],
  stalled: null,
};

test("An operation that runs and does not move is called stalled, not running", () => {
  expect(stateLook({ state: "running", progress })).toMatchObject({ word: "running" });
  const stalled = { sinceMs: 1, cause: "north does not answer" };
  expect(stateLook({ state: "running", progress: { ...progress, stalled } })).toMatchObject({
    word: "stalled",
    tone: "danger",
  });
});

test("What is left is told only where it is known", () => {
  expect(etaText({ state: "running", progress })).toBe("not known yet");
  const measured = { ...progress, etaMs: 65_000, ratePerSecond: 1_500 };
  expect(etaText({ state: "running", progress: measured })).toBe("about 1 min 5 s");
  const stalled = { ...measured, stalled: { sinceMs: 1, cause: "north does not answer" } };
  expect(etaText({ state: "running", progress: stalled })).toBe("not known while nothing moves");
  expect(etaText({ state: "paused", progress: measured })).toBe("paused");
  expect(etaText({ state: "cancelled", progress: measured })).toBe("ended");
  expect(rateText(measured)).toBe("1,500.0 entries/s since it began");
  expect(rateText({ ...measured, rateUnit: "logs" })).toBe(
    "1,500.0 logs/s since the first of them",
  );
  expect(rateText(progress)).toBeNull();
});

test("A slot that nobody had before is no warning, one whose shard is gone is", () => {
  const cleaned = { state: "cleaned", digest: null } as const;
  expect(slotLook({ ...cleaned, source: null })).toMatchObject({ word: "assigned", tone: "ok" });
  expect(slotLook({ ...cleaned, source: "north" })).toMatchObject({
    word: "taken over, empty",
    tone: "warn",
  });
  expect(slotLook({ ...cleaned, source: "north", digest: "00" }).word).toBe("moved, cleaned");
});

test("How long it took is exact once it has ended", () => {
  expect(tookText({ startedAtMs: 1_000, endedAtMs: 3_000 }, 9_000)).toBe("2 s");
  expect(tookText({ startedAtMs: 1_000, endedAtMs: null }, 9_000)).toBe("8 s so far");
});

test("A throttle says whose it is, and that logs obey it as entries do", () => {
  expect(throttleText({ throttle: null })).toBe("as fast as it can");
  expect(throttleText({ throttle: 2_000 })).toBe("2,000 a second and source: entries, then logs");
});

test("A drain whose logs are all handed over says what it still waits for", () => {
  expect(stepText("logs", { moved: 1, total: 2 })).toBe("they go to the other shards");
  expect(stepText("logs", { moved: 2, total: 2 })).toContain("keeps its copies a minute");
  expect(stepText("copying", { moved: 2, total: 2 })).toContain("entries go to the target");
});

test("The page says how many operations the registry remembers", () => {
  expect(OPERATIONS_REMEMBERED).toBe(OPERATIONS_MAX);
});

test("What holds an operation up is what its sources say now, not an error that is over", () => {
  const source = { source: "north", step: "copying", slots: 1, slot: 1, sinceMs: 1 } as const;
  const healthy = { ...progress, waitingFor: [{ ...source, cause: null }] };
  expect(causeNow({ progress: healthy })).toBeNull();
  const cause = "south does not answer";
  const held = {
    ...progress,
    waitingFor: [
      { ...source, cause: null },
      { ...source, cause },
    ],
  };
  expect(causeNow({ progress: held })).toBe(cause);
  const stalled = { sinceMs: 1, cause: `north is copying: ${cause}` };
  expect(causeNow({ progress: { ...held, stalled } })).toBe(stalled.cause);
  expect(stateLook({ state: "paused", progress: { ...held, stalled } }).word).toBe("paused, stuck");
});

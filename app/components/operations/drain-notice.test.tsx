import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router";
import { expect, it } from "vitest";
import type { Operation } from "../../../workers/contracts.ts";
import { OperationNotice } from "./operation-notice.tsx";

const none = { total: 0, moved: 0 };

const DRAIN: Operation = {
  id: "op",
  kind: "drain",
  state: "done",
  planId: "plan",
  shards: ["north"],
  slotsTotal: 10,
  slotsMoved: 10,
  actor: { id: "ada", name: "Ada", role: "operator" },
  reason: "a test",
  startedAtMs: 1_000,
  endedAtMs: 2_000,
  lastError: null,
  throttle: null,
  progress: {
    slots: { total: 10, moved: 10 },
    entries: none,
    bytes: none,
    logs: none,
    digestsVerified: 10,
    slotsCleaned: 10,
    ratePerSecond: null,
    rateUnit: "entries",
    etaMs: null,
    waitingFor: [],
    stalled: null,
  },
  undoes: null,
  undoneBy: null,
  undoableUntilMs: 9_000,
  homeGone: null,
  homeIsDrained: false,
};

const noticeOf = (operation: Partial<Operation>, mayAct = true) =>
  renderToStaticMarkup(
    <MemoryRouter>
      <OperationNotice operation={{ ...DRAIN, ...operation }} mayAct={mayAct} />
    </MemoryRouter>,
  );

const ADVICE = "Deregister it on its page";
const COST = "Once it is deregistered this cannot be undone any more.";

it("A drain that advises to deregister the shard says that this ends its undo", () => {
  expect(noticeOf({})).toContain(ADVICE);
  expect(noticeOf({})).toContain(COST);
});

it("A drain that cannot be undone any more costs nothing more to follow up", () => {
  expect(noticeOf({ undoableUntilMs: null })).toContain(ADVICE);
  expect(noticeOf({ undoableUntilMs: null })).not.toContain(COST);
});

it("A shard that is gone, or back in use, is not said to be waiting for its deregistration", () => {
  expect(noticeOf({ undoableUntilMs: null, homeGone: "north" })).not.toContain(ADVICE);
  expect(noticeOf({ undoableUntilMs: null, undoneBy: "other" })).not.toContain(ADVICE);
});

it("A viewer is offered nothing that only an operator may do", () => {
  const stalled = { sinceMs: 1_500, cause: "south does not answer" };
  const stuck = { state: "running", progress: { ...DRAIN.progress, stalled } } as const;
  expect(noticeOf(stuck)).toContain("Cancel…");
  expect(noticeOf(stuck, false)).not.toContain("Cancel…");
  expect(noticeOf({}, false)).not.toContain(ADVICE);
});

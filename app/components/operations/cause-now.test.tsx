import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../../workers/contracts.ts";
import { OperationRow } from "../overview/registry-rows.tsx";
import { OperationFacts } from "./operation-facts.tsx";
import { OperationNotice } from "./operation-notice.tsx";
import RunningOperation from "./running-operation.tsx";

const ERROR = "south did not answer within 5000 ms";
const none = { total: 0, moved: 0 };

/** A drain that went wrong once; `cause` is what holds it up now. */
function drain(cause: string | null): Operation {
  return {
    id: "op",
    kind: "drain",
    state: "running",
    planId: "plan",
    shards: ["north"],
    slotsTotal: 10,
    slotsMoved: 5,
    actor: { id: "ada", name: "Ada", role: "operator" },
    reason: "a test",
    startedAtMs: 1_000,
    endedAtMs: null,
    lastError: ERROR,
    throttle: null,
    progress: {
      slots: { total: 10, moved: 5 },
      entries: none,
      bytes: none,
      logs: none,
      digestsVerified: 5,
      slotsCleaned: 5,
      ratePerSecond: null,
      rateUnit: "entries",
      etaMs: null,
      waitingFor: [{ source: "north", step: "copying", slots: 1, slot: 7, sinceMs: 2_000, cause }],
      stalled: null,
    },
    undoes: null,
    undoneBy: null,
    undoableUntilMs: null,
    homeGone: null,
    homeIsDrained: false,
  };
}

const shown = [
  ["the banner", (operation: Operation) => <RunningOperation operation={operation} />],
  ["the overview's row", (operation: Operation) => <OperationRow running={operation} />],
  [
    "the operation's notice",
    (operation: Operation) => <OperationNotice operation={operation} mayAct />,
  ],
] as const;

const render = (page: React.ReactElement) =>
  renderToStaticMarkup(<MemoryRouter>{page}</MemoryRouter>);

describe.each(shown)("%s of an operation", (_, page) => {
  it("tells what holds it up now", () => {
    expect(render(page(drain(ERROR)))).toContain(ERROR);
  });

  it("tells nothing of an error that it got over", () => {
    expect(render(page(drain(null)))).not.toContain(ERROR);
  });
});

const facts = (cause: string | null) =>
  render(<OperationFacts operation={drain(cause)} nowMs={3_000} />);

it("An error that is over is told as past among the facts", () => {
  expect(facts(null)).toContain(`${ERROR} (it has gone on since)`);
  expect(facts(ERROR)).not.toContain("it has gone on since");
});

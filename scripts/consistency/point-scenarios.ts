import { FAULT_KINDS } from "./run/faults.ts";
import type { PointScenario } from "./run/run-options.ts";

/** The platform gives an alarm up after six failures in a row. */
const FAILURES_IN_A_ROW = 8;

/** What an operation by its nature does not come to, or not as often as a fault would need it. */
interface Exception {
  why: string;
  isOf: (scenario: PointScenario) => boolean;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    // Late wakes and alarms, copies that were given up, targets that fell silent, slow steps.
    why: "it comes only where something else went wrong or took long",
    isOf: ({ point }) =>
      /^(alarm|discard|standingOf|reportMoves:frozen|reportMoves:closed)\./.test(point),
  },
  {
    // A source that is woken ends by abort-self, and one that sends such a message at its own steps.
    why: "its message names no source",
    isOf: ({ point, fault }) =>
      fault === "abort-source" && /^(wake|adoptSlots|acceptLogs|acceptMinutes)\./.test(point),
  },
  {
    why: "nobody waits for its answer, or repeats it: the work goes on",
    isOf: ({ point, times }) => times > 1 && /^(wake\.after|reportMoves:copying\.)/.test(point),
  },
];

export interface LeftOut {
  scenario: PointScenario;
  why: string;
}

/**
 * Of the points that an operation came to, each way to fail there: once, and for the ways that
 * leave the process alive also more often in a row than an alarm is retried. What cannot be carried out
 * is told apart, for a fault that does not come makes its scenario red.
 */
export function pointScenarios(
  kind: PointScenario["kind"],
  points: readonly string[],
): { scenarios: PointScenario[]; leftOut: LeftOut[] } {
  const scenarios: PointScenario[] = [];
  const leftOut: LeftOut[] = [];
  for (const scenario of points.flatMap((point) => scenariosAt(kind, point))) {
    const exception = EXCEPTIONS.find(({ isOf }) => isOf(scenario));
    if (exception === undefined) scenarios.push(scenario);
    else leftOut.push({ scenario, why: exception.why });
  }
  return { scenarios, leftOut };
}

function scenariosAt(kind: PointScenario["kind"], point: string): PointScenario[] {
  // A step inside an object: it has happened when the harness hears of it, and nothing waits.
  if (point.includes(":") && !point.endsWith(".before") && !point.endsWith(".after")) {
    return [
      { kind, point, fault: "abort-here", times: 1 },
      { kind, point, fault: "kill", times: 1 },
    ];
  }
  const once = FAULT_KINDS.map((fault): PointScenario => ({ kind, point, fault, times: 1 }));
  const often = (["abort-self", "fail"] as const).map((fault): PointScenario => {
    return { kind, point, fault, times: FAILURES_IN_A_ROW };
  });
  return [...once, ...often];
}

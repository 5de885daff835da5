import type { Operation } from "../../../workers/contracts.ts";
import type { Violation } from "../judge/violation.ts";
import type { HarnessBundle } from "../server/bundle.ts";
import type { FaultKind, FaultOptions } from "./faults.ts";
import type { Race } from "./races.ts";
import type { Sample } from "./recorder.ts";
import type { Change } from "./topology-actions.ts";
import type { WorkloadOptions } from "./workload.ts";

/** What an operation may take where faults come all the time. */
export const OPERATION_MS_MAX = 60_000;

export interface RunOptions {
  bundle: HarnessBundle;
  seed: number;
  operations: number;
  clients: number;
  workload: WorkloadOptions;
  faults: FaultOptions;
  /** Null: the topology changes as the seed draws it, and the faults come at random. */
  scenario: Scenario | null;
  /** An operation that takes longer has not ended by itself. */
  operationMsMax: number;
}

/** Instead of what the seed draws. */
export type Scenario = PointScenario | { kind: "races"; races: readonly Race[] };

/** One operation, and one fault at one point of it. */
export interface PointScenario {
  kind: "register" | "drain";
  point: string;
  /** Null: nothing fails; `abort-here`: the object that comes to the step ends at once. */
  fault: FaultKind | "abort-here" | null;
  /** So many times in a row. */
  times: number;
}

export interface RunResult {
  seed: number;
  /** Requests sent, and operations on keys recorded. */
  operations: number;
  tookMs: number;
  violations: Violation[];
  unknown: string[];
  failures: Record<string, number>;
  /** What was said first of each failure. */
  failureDetails: Record<string, string>;
  faults: Record<string, number>;
  /** Times that a fault at a point was carried out. */
  faultsCarriedOut: number;
  refusals: Record<string, number>;
  /** Whose beginning and end the harness saw. */
  changes: Change[];
  /** All that the registry knows of at the end. */
  ended: Pick<Operation, "kind" | "state">[];
  /** From the last request until nothing ran, and from then until every entry was at home. */
  settledAfterMs: number;
  homeAfterMs: number;
  walks: number;
  walksBroken: number;
  logs: number;
  samples: Sample[];
  checkMs: number;
  /** Times that each point was reached; empty where objects were not told to stop at them. */
  points: Record<string, number>;
  /** What workerd said last. */
  words: string[];
}

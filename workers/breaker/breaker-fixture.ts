import { expect } from "vitest";
import type { BreakerOrder, BreakerSettings } from "../contracts/breaker.ts";
import type { BreakerVerdict, CallReport } from "../contracts/routing.ts";
import {
  admit,
  type Breaker,
  force,
  newBreaker,
  report,
  type Step,
  type Transition,
  viewBreaker,
} from "./breaker.ts";

export const SETTINGS: BreakerSettings = {
  windowMs: 1_000,
  failureRatioToOpen: 0.5,
  callsMin: 4,
  reportersMin: 2,
  probesMax: 2,
  probeLeaseMs: 500,
  probeSuccessesToClose: 3,
  openMsBase: 100,
  openMsMax: 1_000,
};

export const START_MS = 1_000_000;
export const ADA = "ada@example.com";

/** One breaker with a clock to turn, in the words of the edge that uses it. */
export class Edge {
  breaker: Breaker = newBreaker(START_MS);
  nowMs = START_MS;
  transitions: Transition[] = [];
  random = 0.5;
  #permits = 0;
  readonly settings: BreakerSettings;

  constructor(settings: Partial<BreakerSettings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
  }

  call(reporter = "SIN"): BreakerVerdict {
    const newPermitId = () => `p${(this.#permits += 1)}`;
    const step = admit(this.breaker, { reporter, nowMs: this.nowMs, newPermitId }, this.settings);
    this.#take(step);
    return step.verdict;
  }

  probe(): Extract<BreakerVerdict, { kind: "probe" }> {
    const verdict = this.call();
    return verdict.kind === "probe" ? verdict : expect.unreachable(`not a probe: ${verdict.kind}`);
  }

  tell(
    verdict: BreakerVerdict,
    outcome: CallReport["outcome"],
    reporter = "SIN",
    detail?: string,
  ): void {
    const permit = verdict.kind === "probe" ? { permit: verdict.permit } : {};
    this.send({
      shard: "s",
      generation: verdict.generation,
      outcome,
      reporter,
      ...permit,
      ...(detail === undefined ? {} : { detail }),
    });
  }

  send(call: CallReport): void {
    const context = { nowMs: this.nowMs, random: () => this.random };
    this.#take(report(this.breaker, call, context, this.settings));
  }

  order(action: BreakerOrder["action"], expiresAtMs: number | null = null): void {
    const order = { shard: "s", action, reason: "A drill.", expiresAtMs };
    this.#take(force(this.breaker, order, ADA, this.nowMs));
  }

  /** Each reporter calls once and tells how it ended. */
  traffic(outcome: CallReport["outcome"], ...reporters: string[]): void {
    for (const reporter of reporters) this.tell(this.call(reporter), outcome, reporter);
  }

  view() {
    return viewBreaker(this.breaker, this.nowMs, this.settings);
  }

  #take({ breaker, transition }: Step): void {
    this.breaker = breaker;
    if (transition) this.transitions.push(transition);
  }
}

export function openEdge(settings: Partial<BreakerSettings> = {}): Edge {
  const edge = new Edge(settings);
  edge.traffic("failed", "SIN", "FRA", "SIN", "FRA");
  expect(edge.breaker.state).toBe("open");
  return edge;
}

export function halfOpenEdge(settings: Partial<BreakerSettings> = {}): Edge {
  const edge = openEdge(settings);
  edge.nowMs += 50;
  return edge;
}

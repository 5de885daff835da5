import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BreakerOrder, BreakerSettings } from "../contracts/breaker.ts";
import type { BreakerVerdict, CallReport } from "../contracts/routing.ts";
import { admit, force, newBreaker, report, type Step, viewBreaker } from "./breaker.ts";
import { ReferenceBreaker } from "./reference-breaker.ts";

interface World {
  reference: ReferenceBreaker;
  nowMs: number;
  permits: number;
  verdicts: BreakerVerdict[];
}

/** The real breaker, frozen between calls and sent through JSON as storage would. */
class Real {
  breaker = newBreaker(0);
  told: string[] = [];
  readonly settings: BreakerSettings;

  constructor(settings: BreakerSettings) {
    this.settings = settings;
  }

  take({ breaker, transition }: Step): void {
    if (transition) {
      const { from, to, by, atMs, generation } = transition;
      this.told.push(`${from} → ${to} by ${by} at ${atMs}, #${generation}`);
    }
    this.breaker = deepFreeze(JSON.parse(JSON.stringify(breaker)));
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

const seen = new Set<string>();

function expectAgreement(world: World, real: Real): void {
  expect(real.told).toEqual(world.reference.told);
  const view = viewBreaker(real.breaker, world.nowMs, real.settings);
  const told = real.told.at(-1);
  if (told) seen.add(told.replace(/ at .*/, ""));
  expect(view).toEqual(world.reference.view(world.nowMs));
}

type Command = fc.Command<World, Real>;

function callGoesOut(world: World, real: Real, reporter: string): BreakerVerdict {
  const { nowMs, permits } = world;
  const expected = world.reference.admit(reporter, nowMs, () => {
    world.permits += 1;
    return `permit ${permits}`;
  });
  const newPermitId = () => `permit ${permits}`;
  const step = admit(real.breaker, { reporter, nowMs, newPermitId }, real.settings);
  real.take(step);
  expect(step.verdict).toEqual(expected);
  world.verdicts.push(step.verdict);
  return step.verdict;
}

function callIsReported(world: World, real: Real, call: CallReport, random: number): void {
  world.reference.report(call, world.nowMs, random);
  real.take(
    report(real.breaker, call, { nowMs: world.nowMs, random: () => random }, real.settings),
  );
}

const reporters = fc.constantFrom("SIN", "FRA", "IAD");
const outcomes = fc.constantFrom("ok" as const, "failed" as const, "slow" as const);
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const details = fc.constantFrom("It timed out.", "It threw.");

const timePasses = fc.integer({ min: 0, max: 400 }).map((ms): Command => ({
  check: () => true,
  run(world, real) {
    world.nowMs += ms;
    expectAgreement(world, real);
  },
  toString: () => `wait ${ms} ms`,
}));

const someoneCalls = reporters.map((reporter): Command => ({
  check: () => true,
  run(world, real) {
    callGoesOut(world, real, reporter);
    expectAgreement(world, real);
  },
  toString: () => `${reporter} calls`,
}));

/** Any verdict of the past, so also denied, reported before, of an older generation, too late. */
const aCallIsReported = fc
  .record({
    back: fc.nat(12),
    outcome: outcomes,
    reporter: reporters,
    random: randoms,
    detail: details,
    permit: fc.constantFrom("own" as const, "own" as const, "own" as const, "unknown" as const),
  })
  .map(({ back, random, permit, ...call }): Command => ({
    check: ({ verdicts }) => verdicts.length > back,
    run(world, real) {
      const verdict = world.verdicts.at(-1 - back) ?? expect.unreachable();
      const { generation } = verdict;
      const own = verdict.kind === "probe" ? { permit: verdict.permit } : {};
      const lease = permit === "own" ? own : { permit: "nobody was given this" };
      callIsReported(world, real, { ...call, ...lease, shard: "s", generation }, random);
      expectAgreement(world, real);
    },
    toString: () =>
      `${call.reporter} reports call -${back} ${call.outcome}, ${permit} permit, ${random}`,
  }));

const aBurstOfCalls = fc
  .record({
    reporters: fc.array(reporters, { minLength: 1, maxLength: 8 }),
    outcome: outcomes,
    random: randoms,
    detail: details,
  })
  .map(({ reporters: callers, outcome, random, detail }): Command => ({
    check: () => true,
    run(world, real) {
      for (const reporter of callers) {
        const verdict = callGoesOut(world, real, reporter);
        if (verdict.kind === "deny") continue;
        const permit = verdict.kind === "probe" ? { permit: verdict.permit } : {};
        const { generation } = verdict;
        callIsReported(
          world,
          real,
          { shard: "s", generation, outcome, reporter, detail, ...permit },
          random,
        );
      }
      expectAgreement(world, real);
    },
    toString: () => `${callers.join(", ")} call, all ${outcome}, ${random}`,
  }));

const anOperatorOrders = fc
  .record({
    action: fc.constantFrom("isolate" as const, "disable" as const, "reset" as const),
    forMs: fc.option(fc.integer({ min: -50, max: 500 })),
  })
  .map(({ action, forMs }): Command => ({
    check: () => true,
    run(world, real) {
      const expiresAtMs = forMs === null ? null : world.nowMs + forMs;
      const order: BreakerOrder = { shard: "s", action, reason: "A drill.", expiresAtMs };
      world.reference.force(order, "ada@example.com", world.nowMs);
      real.take(force(real.breaker, order, "ada@example.com", world.nowMs));
      expectAgreement(world, real);
    },
    toString: () => `operator: ${action} for ${forMs} ms`,
  }));

const settings: fc.Arbitrary<BreakerSettings> = fc.record({
  windowMs: fc.integer({ min: 15, max: 2_000 }),
  failureRatioToOpen: fc.constantFrom(0.1, 0.5, 1),
  callsMin: fc.integer({ min: 1, max: 6 }),
  reportersMin: fc.integer({ min: 1, max: 3 }),
  probesMax: fc.integer({ min: 1, max: 3 }),
  probeLeaseMs: fc.integer({ min: 1, max: 600 }),
  probeSuccessesToClose: fc.integer({ min: 1, max: 4 }),
  openMsBase: fc.integer({ min: 0, max: 200 }),
  openMsMax: fc.integer({ min: 1, max: 800 }),
});

/** A thousand histories take two seconds on cores of one's own, and several times that on busy ones. */
const TIMEOUT = { timeout: 60_000 };

test(
  "in any history of calls, reports, orders and waits it agrees with the reference breaker",
  TIMEOUT,
  () => {
    const histories = fc.commands(
      [timePasses, someoneCalls, aCallIsReported, aBurstOfCalls, aBurstOfCalls, anOperatorOrders],
      { maxCommands: 60, size: "max" },
    );
    fc.assert(
      fc.property(settings, histories, (chosen, commands) => {
        fc.modelRun(
          () => ({
            model: { reference: new ReferenceBreaker(chosen), nowMs: 0, permits: 0, verdicts: [] },
            real: new Real(chosen),
          }),
          commands,
        );
      }),
      { numRuns: 1_000 },
    );
    // Histories that never get anywhere would prove nothing.
    const by = "ada@example.com";
    expect([...seen]).toEqual(
      expect.arrayContaining([
        "closed → open by breaker",
        "open → half-open by breaker",
        "half-open → open by breaker",
        "half-open → closed by breaker",
        "isolated → closed by expiry",
        "disabled → closed by expiry",
        `half-open → isolated by ${by}`,
        `open → disabled by ${by}`,
        `open → closed by ${by}`,
      ]),
    );
  },
);

import { grouped, percent, table } from "../../load/table.ts";
import type { Target } from "../report/targets.ts";
import { Client } from "../run/client.ts";
import { Recorder } from "../run/recorder.ts";
import { HARNESS } from "../run/topology-actions.ts";
import { shardSpec } from "../run/topology-choice.ts";
import { Values } from "../run/values.ts";
import { WORKLOAD_DEFAULTS } from "../run/workload.ts";
import { TOKEN, World } from "../run/world.ts";
import type { HarnessBundle } from "../server/bundle.ts";
import { type CarriedOut, carryOutPlan } from "./carry-out-plan.ts";
import { fill } from "./fill.ts";
import { etaError, logsError, planError, shareMoved, slotsOffIdeal } from "./forecasts.ts";

const SIZES = [2_000, 10_000, 40_000];
const SHARDS = ["arch", "bay", "cove", "dell"];
const DRAINED = "bay";
const NEWCOMER = "esker";
/** Slow enough that a quarter of it can be told apart from its beginning. */
const MOVE_SECONDS = 6;
const ETA_ERROR_MAX = 0.2;
const REGISTER_SLACK = 0.005;

interface Outcome {
  entries: number;
  drain: CarriedOut;
  register: CarriedOut;
}

/**
 * Drains and registers on four shards of several sizes, slowed down by a throttle, with nothing else
 * running; what was said beforehand and on the way beside what happened.
 */
export async function runForecastBench(bundle: HarnessBundle): Promise<Target[]> {
  const outcomes: Outcome[] = [];
  for (const entries of SIZES) outcomes.push(await outcomeOf(bundle, entries));
  const rows = outcomes.flatMap(({ entries, drain, register }) => [
    rowOf(`drain, ${grouped(entries)} entries`, drain),
    rowOf(`register, ${grouped(entries)} entries`, register),
  ]);
  const head = [
    "nothing else runs",
    "took",
    "ETA off",
    "plan off",
    "logs off",
    "moved",
    "off ideal",
  ];
  for (const line of [...table(head, rows), ""]) console.log(line);
  return targetsOf(outcomes);
}

async function outcomeOf(bundle: HarnessBundle, entries: number): Promise<Outcome> {
  const world = await World.start({ bundle, shards: SHARDS, points: "none", withBreakers: true });
  try {
    const { door, http } = world;
    const client = new Client(0, http, TOKEN, new Values("size"), new Recorder());
    await fill(client, { ...WORKLOAD_DEFAULTS, hotTags: 0, coldKeys: entries });
    const throttle = Math.ceil(entries / SHARDS.length / MOVE_SECONDS);
    const drainPlan = await door.registry("planDrain", DRAINED, HARNESS);
    const drain = await carryOutPlan(door, drainPlan, throttle);
    const registerPlan = await door.registry("planRegister", [shardSpec(NEWCOMER)], HARNESS);
    // Its sources work beside each other, each with a third of what moves.
    const register = await carryOutPlan(door, registerPlan, Math.ceil(throttle / 3));
    return { entries, drain, register };
  } finally {
    await world.stop();
  }
}

function rowOf(name: string, done: CarriedOut): string[] {
  const { plan, operation, moves, before, after, startedMs, endedMs } = done;
  return [
    name,
    `${((endedMs - startedMs) / 1_000).toFixed(1)} s`,
    percent(etaError(done)),
    percent(planError(plan, moves)),
    percent(logsError(plan, operation.progress.logs.moved)),
    percent(shareMoved(before, after)),
    `${slotsOffIdeal(after).toFixed(1)} slots`,
  ];
}

function targetsOf(outcomes: readonly Outcome[]): Target[] {
  const all = outcomes.flatMap(({ drain, register }) => [drain, register]);
  const drains = outcomes.map(({ drain }) => drain);
  // An estimate that was never given is as far off as can be.
  const eta = Math.max(...drains.map((done) => etaError(done) ?? Infinity));
  const plans = all.flatMap(({ plan, moves, operation }) => [
    planError(plan, moves),
    logsError(plan, operation.progress.logs.moved),
  ]);
  const moved = Math.max(
    ...outcomes.map(({ register }) => shareMoved(register.before, register.after)),
  );
  const movedMax = 1 / SHARDS.length + REGISTER_SLACK;
  const off = Math.max(...all.map(({ after }) => slotsOffIdeal(after)));
  return [
    {
      name: "ETA after a quarter of a drain, off by",
      measured: percent(eta),
      asked: "≤ 20%",
      isMet: eta <= ETA_ERROR_MAX,
    },
    {
      name: "plan where nothing else runs, off by",
      measured: percent(Math.max(...plans)),
      asked: "exact",
      isMet: Math.max(...plans) === 0,
    },
    {
      name: "slots that a register moved",
      measured: percent(moved),
      asked: `≤ ${percent(movedMax)}`,
      isMet: moved <= movedMax,
    },
    {
      name: "slots by which a share is off its ideal",
      measured: off.toFixed(1),
      asked: "≤ 1",
      isMet: off <= 1,
    },
  ];
}

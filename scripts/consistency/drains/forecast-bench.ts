import type { Operation, PlanAnswer } from "../../../workers/contracts.ts";
import { grouped, percent, table } from "../../load/table.ts";
import type { Target } from "../report/targets.ts";
import { Client } from "../run/client.ts";
import type { Door } from "../run/door.ts";
import { Recorder } from "../run/recorder.ts";
import { HARNESS } from "../run/topology-actions.ts";
import { shardSpec } from "../run/topology-choice.ts";
import { Values } from "../run/values.ts";
import { WORKLOAD_DEFAULTS } from "../run/workload.ts";
import { TOKEN, World } from "../run/world.ts";
import type { HarnessBundle } from "../server/bundle.ts";
import { type CarriedOut, carryOutPlan } from "./carry-out-plan.ts";
import { fill } from "./fill.ts";
import {
  etaError,
  etaErrorAtQuarter,
  etaErrorOfLeft,
  logsError,
  planError,
  shareMoved,
  slotsOffIdeal,
} from "./forecasts.ts";
import { startTraffic } from "./traffic.ts";

const SHARDS = ["arch", "bay", "cove", "dell"];
const NEWCOMER = "esker";
/** How long a throttle lets a drain of one of the shards copy. */
const MOVE_SECONDS = 6;
const ETA_ERROR_MAX = 0.2;
const REGISTER_SLACK = 0.005;

/** Four shards with so many entries, and clients that go on while operations run. */
interface Scene {
  entries: number;
  clients: number;
}
const SCENES: readonly Scene[] = [
  { entries: 2_000, clients: 0 },
  { entries: 10_000, clients: 0 },
  { entries: 40_000, clients: 0 },
  // Under traffic a long one: workerd stands still for 0.15 s now and then, whatever moves.
  { entries: 40_000, clients: 4 },
];

interface Outcome {
  name: string;
  /** Nothing else ran. */
  isQuiet: boolean;
  done: CarriedOut;
}

/**
 * Drains and registers on four shards of several sizes, slowed down by a throttle and at full
 * speed, with and without traffic; what was said beforehand and on the way beside what happened.
 */
export async function runForecastBench(bundle: HarnessBundle): Promise<Target[]> {
  const outcomes: Outcome[] = [];
  for (const scene of SCENES) outcomes.push(...(await outcomesOf(bundle, scene)));
  const head = [
    "what was said, and what happened",
    "took",
    "ETA off, of the whole",
    "of what was left",
    "at a quarter",
    "plan off",
    "logs off",
    "moved",
    "off ideal",
  ];
  for (const line of [...table(head, outcomes.map(rowOf)), ""]) console.log(line);
  return targetsOf(outcomes);
}

async function outcomesOf(bundle: HarnessBundle, scene: Scene): Promise<Outcome[]> {
  const { entries, clients } = scene;
  const world = await World.start({ bundle, shards: SHARDS, points: "none", withBreakers: true });
  const traffic = { isOver: false };
  const { door, http } = world;
  const values = new Values("size");
  const clientOf = (id: number) => new Client(id, http, TOKEN, values, new Recorder());
  const workload = { ...WORKLOAD_DEFAULTS, hotTags: 0, coldKeys: entries, delayedShare: 0 };
  const running: Promise<void>[] = [];
  try {
    await fill(clientOf(-1), workload);
    running.push(...startTraffic(clients, clientOf, workload, () => !traffic.isOver));
    const outcomes: Outcome[] = [];
    for (const step of stepsOf(scene)) {
      const done = await carryOutPlan(door, await step.plan(door), step.throttle);
      const name = `${step.name}, ${grouped(entries)} entries${clients > 0 ? ", traffic" : ""}`;
      outcomes.push({ name, isQuiet: clients === 0, done });
    }
    return outcomes;
  } finally {
    traffic.isOver = true;
    await Promise.all(running);
    await world.stop();
  }
}

interface Step {
  name: string;
  throttle: number | null;
  plan(door: Door): Promise<PlanAnswer>;
}

/** One after the other on the same shards: the later ones find logs of earlier ones. */
function stepsOf({ entries }: Scene): Step[] {
  const throttle = Math.ceil(entries / SHARDS.length / MOVE_SECONDS);
  return [
    { name: "drain, throttled", throttle, plan: drainOf("bay") },
    // Its sources work beside each other, each with a third of what moves.
    { name: "register, throttled", throttle: Math.ceil(throttle / 3), plan: planRegister },
    { name: "drain, full speed", throttle: null, plan: drainOf("cove") },
  ];
}

const drainOf = (name: string) => async (door: Door) =>
  await door.registry("planDrain", name, HARNESS);

const planRegister = async (door: Door) =>
  await door.registry("planRegister", [shardSpec(NEWCOMER)], HARNESS);

function rowOf({ name, done }: Outcome): string[] {
  const { plan, operation, moves, before, after, startedMs, endedMs } = done;
  return [
    name,
    `${((endedMs - startedMs) / 1_000).toFixed(1)} s`,
    toldError(etaError(done)),
    toldError(etaErrorOfLeft(done)),
    toldError(etaErrorAtQuarter(done)),
    percent(planError(plan, moves)),
    percent(logsError(plan, operation.progress.logs.moved)),
    percent(shareMoved(before, after)),
    `${slotsOffIdeal(after).toFixed(1)} slots`,
  ];
}

const toldError = (error: number): string => (Number.isFinite(error) ? percent(error) : "not told");

function targetsOf(outcomes: readonly Outcome[]): Target[] {
  const ofKind = (kind: Operation["kind"]) =>
    outcomes.map(({ done }) => done).filter(({ operation }) => operation.kind === kind);
  const drains = ofKind("drain");
  const eta = Math.max(...drains.map(etaError));
  const etaAtQuarter = Math.max(...drains.map(etaErrorAtQuarter));
  const quiet = outcomes.filter(({ isQuiet }) => isQuiet).map(({ done }) => done);
  const plans = quiet.flatMap(({ plan, moves, operation }) => [
    planError(plan, moves),
    logsError(plan, operation.progress.logs.moved),
  ]);
  const moved = Math.max(
    ...ofKind("register").map(({ before, after }) => shareMoved(before, after)),
  );
  const off = Math.max(...outcomes.map(({ done }) => slotsOffIdeal(done.after)));
  // The first drain has left one shard fewer for the newcomer to join.
  const movedMax = 1 / SHARDS.length + REGISTER_SLACK;
  return [
    {
      name:
        `ETA of ${drains.length} drains, worst of all forecasts after a quarter of the time: ` +
        `|forecast end − real end| / whole duration`,
      measured: toldError(eta),
      asked: "≤ 20%",
      isMet: eta <= ETA_ERROR_MAX,
    },
    {
      name:
        `ETA of ${drains.length} drains, the first forecast after a quarter of the time: ` +
        `|forecast end − real end| / time left`,
      measured: toldError(etaAtQuarter),
      asked: "≤ 20%",
      isMet: etaAtQuarter <= ETA_ERROR_MAX,
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

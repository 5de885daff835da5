import type {
  Operation,
  Plan,
  PlanAnswer,
  SlotMovePage,
  SlotMoveView,
  Throttle,
  Topology,
} from "../../../workers/contracts.ts";
import { nowMs, pause } from "../run/clock.ts";
import type { Door } from "../run/door.ts";
import { HARNESS, REASON } from "../run/topology-actions.ts";

const POLL_MS = 25;
const OPERATION_MS_MAX = 300_000;

/** An operation from its plan to its end, as the registry told it. Times are the harness's clock. */
export interface CarriedOut {
  plan: Plan;
  operation: Operation;
  before: Topology;
  after: Topology;
  startedMs: number;
  endedMs: number;
  /** What it said of its own end on the way; null: nothing, at that moment. */
  forecasts: { atMs: number; etaMs: number | null }[];
  moves: SlotMoveView[];
}

/**
 * Starts what was planned and waits for its end. Throws where it is refused, or has no end.
 *
 * @param throttle entries a second of each source; set as soon as it has started
 */
export async function carryOutPlan(
  door: Door,
  planned: PlanAnswer,
  throttle: Throttle,
): Promise<CarriedOut> {
  if (planned.kind === "refused") throw new Error(planned.message);
  const { plan } = planned;
  const before = await door.registry("topology");
  const startedMs = nowMs();
  const id = await start(door, plan.id);
  if (throttle !== null) await door.registry("setThrottle", id, throttle, HARNESS);
  const forecasts: CarriedOut["forecasts"] = [];
  for (;;) {
    const operation = await door.registry("operation", id);
    if (operation === null) throw new Error(`The registry has forgotten operation ${id}.`);
    const atMs = nowMs();
    if (operation.state === "done") {
      const after = await door.registry("topology");
      const moves = await movesOf(door, id);
      return { plan, operation, before, after, startedMs, endedMs: atMs, forecasts, moves };
    }
    forecasts.push({ atMs, etaMs: operation.progress.etaMs });
    if (atMs - startedMs > OPERATION_MS_MAX) {
      throw new Error(`No end: ${JSON.stringify(operation)}`);
    }
    await pause(POLL_MS);
  }
}

/** The operation's id, as soon as it runs: a start answers late, and a short one is over by then. */
async function start(door: Door, planId: string): Promise<string> {
  const answer = { isThere: false };
  const starting = door.registry("startOperation", planId, HARNESS, REASON).then((started) => {
    answer.isThere = true;
    if (started.kind === "refused") throw new Error(started.message);
    return started.operation.id;
  });
  const running = async (): Promise<string> => {
    while (!answer.isThere) {
      const topology = await door.registry("topology");
      if (topology.running !== null) return topology.running.id;
    }
    return await starting;
  };
  return await Promise.race([starting, running()]);
}

async function movesOf(door: Door, id: string): Promise<SlotMoveView[]> {
  const moves: SlotMoveView[] = [];
  for (let after: number | null = -1; after !== null;) {
    const page: SlotMovePage = await door.registry("operationMoves", id, after);
    moves.push(...page.moves);
    after = page.next;
  }
  return moves;
}

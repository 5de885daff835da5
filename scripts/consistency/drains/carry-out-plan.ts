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
  /** What it said of its own end on the way. */
  forecasts: { atMs: number; etaMs: number }[];
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
  const started = await door.registry("startOperation", plan.id, HARNESS, REASON);
  if (started.kind === "refused") throw new Error(started.message);
  const { id } = started.operation;
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
    const { etaMs } = operation.progress;
    if (etaMs !== null) forecasts.push({ atMs, etaMs });
    if (atMs - startedMs > OPERATION_MS_MAX) {
      throw new Error(`No end: ${JSON.stringify(operation)}`);
    }
    await pause(POLL_MS);
  }
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

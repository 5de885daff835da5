import type { SlotMovePage } from "../../workers/contracts.ts";
import { seededRandom } from "../load/random.ts";
import { grouped } from "../load/table.ts";
import { drainReport } from "./report/drain-report.ts";
import { Client } from "./run/client.ts";
import { nowMs, pause } from "./run/clock.ts";
import { Recorder } from "./run/recorder.ts";
import { TopologyActions } from "./run/topology-actions.ts";
import { Values } from "./run/values.ts";
import {
  keysOf,
  UNDISTURBED,
  Workload,
  WORKLOAD_DEFAULTS,
  type WorkloadOptions,
} from "./run/workload.ts";
import { TOKEN, World } from "./run/world.ts";
import type { HarnessBundle } from "./server/bundle.ts";
import type { Timeline } from "./worker/protocol.ts";

const SHARDS = ["arch", "bay", "cove", "dell", "esker", "fen", "glen", "holm"];
const DRAINED = "cove";
const ENTRIES = 10_000;
const CLIENTS = 8;
const FILL_LANES = 16;
const QUIET_MS = 8_000;
const OPERATION_MS_MAX = 120_000;

/** Everybody's keys, evenly over all slots; nothing is held up on purpose. */
const WORKLOAD: WorkloadOptions = {
  ...WORKLOAD_DEFAULTS,
  hotTags: 0,
  coldKeys: ENTRIES,
  delayedShare: 0,
};

/** Drains one of eight shards with 10,000 entries under load. False: a target was missed. */
export async function runDrainBench(bundle: HarnessBundle): Promise<boolean> {
  const world = await World.start({ bundle, shards: SHARDS, points: false, withBreakers: true });
  try {
    return await new DrainBench(world).run();
  } finally {
    await world.stop();
  }
}

class DrainBench {
  readonly #world: World;
  readonly #recorder = new Recorder();
  readonly #values = new Values("bench");
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
  }

  async run(): Promise<boolean> {
    await this.#fill();
    const { door } = this.#world;
    for (const name of SHARDS) await door.timeline({ object: "shard", name });
    const traffic = this.#traffic();
    await pause(QUIET_MS);
    const drainFromMs = nowMs();
    const limits = { shardsMin: 1, names: SHARDS, operationMsMax: OPERATION_MS_MAX };
    const topology = new TopologyActions(door, seededRandom(1), limits);
    await topology.carryOut("drain", DRAINED);
    const drainToMs = nowMs();
    this.#isOver = true;
    await traffic;
    const [change] = topology.changes;
    if (change === undefined) throw new Error(topology.stuck.join("\n"));
    const [operation] = await door.registry("operations");
    const movedToMs = await this.#lastCommitMs(operation?.id ?? "", drainFromMs);
    const timelines: Timeline[] = [];
    for (const name of SHARDS) timelines.push(await door.timeline({ object: "shard", name }));
    const { samples, failures } = this.#recorder;
    const times = { drainFromMs, movedToMs, drainToMs };
    const { lines, isMet } = drainReport(
      { samples, failures, timelines, change, times },
      `${grouped(ENTRIES)} entries on ${SHARDS.length} shards, ${CLIENTS} clients; digests ` +
        `verified ${grouped(operation?.progress.digestsVerified ?? 0)}`,
    );
    for (const line of lines) console.log(line);
    return isMet;
  }

  async #fill(): Promise<void> {
    const keys = keysOf(WORKLOAD).values();
    const client = new Client(0, this.#world.http, TOKEN, this.#values, this.#recorder);
    await Promise.all(
      Array.from({ length: FILL_LANES }, async () => {
        for (const key of keys) {
          await client.carryOut({ kind: "set", key, ttlSeconds: null, ...UNDISTURBED });
        }
      }),
    );
    this.#recorder.samples.length = 0;
  }

  async #traffic(): Promise<void> {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        const draws = new Workload(seededRandom(100 + index), WORKLOAD);
        const client = new Client(index, this.#world.http, TOKEN, this.#values, this.#recorder);
        while (!this.#isOver) await client.carryOut(draws.next());
      }),
    );
  }

  /** When the last slot was committed, by the registry's own record. */
  async #lastCommitMs(operation: string, fromMs: number): Promise<number> {
    const { door } = this.#world;
    let lastWallMs = 0;
    for (let after: number | null = -1; after !== null;) {
      const page: SlotMovePage = await door.registry("operationMoves", operation, after);
      const commits = page.moves.map(({ committedAtMs }) => committedAtMs ?? 0);
      lastWallMs = Math.max(lastWallMs, ...commits);
      after = page.next;
    }
    return Math.max(fromMs, lastWallMs - performance.timeOrigin);
  }
}

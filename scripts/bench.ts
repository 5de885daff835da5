import {
  GETS,
  idOfLog,
  LOG_SIZES,
  LOGS,
  type Measurement,
  SHARD_COUNTS,
  SHARDS,
} from "./bench/measurements.ts";
import { alignColumns, figureLines, laneLines, verdictLines } from "./bench/report.ts";
import { KEYS, VALUE_BYTES } from "./bench/protocol.ts";
import { type BenchServer, CONNECTIONS, startBenchServer } from "./bench/server.ts";
import { shuffled } from "./bench/statistics.ts";
import { judge, TARGETS } from "./bench/targets.ts";
import { runRounds } from "./load/rounds-flag.ts";

/** Fewer rounds say too little on a machine that other work shares. */
const ROUNDS = 10;

const PASSES = Math.max(...[...GETS, ...LOGS].map(({ parts }) => parts));

const HELP = `npm run bench -- [flags]

Prints what the parts of a cache operation and of the usage log cost, as ratios of figures that
are measured in interleaved rounds in one run. It takes some minutes, on a machine that does
nothing else.

  --rounds N    rounds that count (${ROUNDS})`;

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";

async function measureAll(rounds: number): Promise<void> {
  const servers: Servers = new Map();
  try {
    const refusals = await prepare(servers);
    const measurements = [...GETS, ...LOGS].filter(({ id }) => !refusals.has(id));
    const figures = new Map<string, number[]>(measurements.map(({ id }) => [id, []]));
    // The round before the first warms everything up and is not counted.
    for (let round = -1; round < rounds; round += 1) {
      const tookMs = await measureRound(servers, measurements);
      for (const { id, unit, count } of round < 0 ? [] : measurements) {
        const ms = tookMs.get(id) ?? Number.NaN;
        figures.get(id)?.push(unit === "/s" ? (count * 1_000) / ms : (ms * 1_000) / count);
      }
      console.error(round < 0 ? "warmed up" : `round ${round + 1} of ${rounds}`);
    }
    print(rounds, figures, refusals);
  } finally {
    for (const server of servers.values()) await server.stop();
  }
}

/** By the number of shards: shards know one registry, so each number has a workerd of its own. */
type Servers = Map<number, BenchServer>;

function serverOf(servers: Servers, shards: number): BenchServer {
  const server = servers.get(shards);
  if (server === undefined) throw new Error(`No server has ${shards} shards.`);
  return server;
}

/** Fills everything; answers the measurements whose data storage would not take, and its words. */
async function prepare(servers: Servers): Promise<Map<string, string>> {
  for (const shards of SHARD_COUNTS) {
    const server = await startBenchServer();
    servers.set(shards, server);
    await server.order({ kind: "prepare", shards });
  }
  const server = serverOf(servers, SHARDS);
  const refusals = new Map<string, string>();
  for (const design of ["rows", "array"] as const) {
    for (const rows of LOG_SIZES) {
      const { refused } = await server.order({ kind: "size-log", design, rows });
      if (refused === null) continue;
      refusals.set(idOfLog("append", design, rows), refused);
      refusals.set(idOfLog("page", design, rows), refused);
    }
  }
  return refusals;
}

/** The milliseconds of each, in passes over those that have parts left. */
async function measureRound(
  servers: Servers,
  measurements: readonly Measurement[],
): Promise<Map<string, number>> {
  const tookMs = new Map<string, number>();
  for (let pass = 0; pass < PASSES; pass += 1) {
    const due = measurements.filter(({ parts }) => pass < parts);
    for (const measurement of shuffled(due, Math.random)) {
      const { id, shards } = measurement;
      const partMs = await measurePart(serverOf(servers, shards), measurement);
      tookMs.set(id, (tookMs.get(id) ?? 0) + partMs);
    }
  }
  return tookMs;
}

async function measurePart(server: BenchServer, measurement: Measurement): Promise<number> {
  const { work, count, parts, label } = measurement;
  if ("address" in work) return await server.load(work.address, count / parts);
  const done = await server.order(work.order);
  if (done.refused !== null) throw new Error(`${label}: ${done.refused}`);
  return done.tookMs;
}

function print(
  rounds: number,
  figures: ReadonlyMap<string, readonly number[]>,
  refusals: ReadonlyMap<string, string>,
): void {
  console.log(
    `${rounds} interleaved rounds; median and range. A workerd for each number of shards, ${VALUE_BYTES}-byte ` +
      `values, ${KEYS} keys, ${CONNECTIONS} connections, 8 shards unless said.\n`,
  );
  const figureTable = figureLines([...GETS, ...LOGS], figures, refusals);
  for (const line of alignColumns([["", "median", "range"], ...figureTable])) console.log(line);
  console.log("\nWhat the gets are:\n");
  for (const line of laneLines(GETS)) console.log(line);
  const verdicts = TARGETS.map((target) => judge(target, figures));
  console.log("\nRatios, taken round by round:\n");
  const header = ["", "median", "range", "target", ""];
  for (const line of alignColumns([header, ...verdictLines(verdicts)])) console.log(line);
}

process.exitCode = await runRounds(
  { name: "npm run bench", help: HELP, rounds: ROUNDS },
  async (rounds) => {
    await measureAll(rounds);
    return 0;
  },
);

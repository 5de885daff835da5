import { clearLine, cursorTo } from "node:readline";
import type { ParseArgsConfig } from "node:util";
import { z } from "zod";
import { CacheClient } from "./load/cache-client.ts";
import {
  decimal,
  DEFAULT_URL,
  findToken,
  httpUrl,
  readFlags,
  TOKEN_FILE,
  wholeNumber,
} from "./load/flags.ts";
import { watchInterrupt } from "./load/interrupt.ts";
import { statusLine, trafficLines } from "./load/traffic-report.ts";
import { newTraffic, runTraffic, type Traffic } from "./load/traffic-run.ts";

const HELP = `npm run traffic -- [flags]

Sends an application's mix of requests to the cache's HTTP API: sessions, products, pages and
feature flags, each with keys of a Zipf distribution. A read that misses fills the key. Every
value that is read is verified.

  --url URL          where the cache is (${DEFAULT_URL})
  --token TOKEN      else CEPATEDGE_TOKEN, else the file ${TOKEN_FILE}
  --seconds N        stop after that time (60)
  --requests N       stop after so many requests
  --concurrency N    requests at a time (16)
  --keys N           distinct keys over all types (10000)
  --skew S           0 is uniform, 0.99 is YCSB's zipfian (0.99)
  --seed N           the same seed sends the same requests (1)

Exits with 1 when a value was wrong or no request succeeded.`;

const OPTIONS = {
  url: { type: "string", default: DEFAULT_URL },
  token: { type: "string" },
  seconds: { type: "string", default: "60" },
  requests: { type: "string" },
  concurrency: { type: "string", default: "16" },
  keys: { type: "string", default: "10000" },
  skew: { type: "string", default: "0.99" },
  seed: { type: "string", default: "1" },
} satisfies ParseArgsConfig["options"];

const flagsSchema = z.object({
  url: httpUrl("url"),
  token: z.string().optional(),
  seconds: wholeNumber("seconds", 1, 86_400),
  requests: wholeNumber("requests", 1, 1_000_000_000).optional(),
  concurrency: wholeNumber("concurrency", 1, 256),
  keys: wholeNumber("keys", 1, 1_000_000),
  skew: decimal("skew", 0, 5),
  seed: wholeNumber("seed", 0, 4_294_967_295),
});

/** Time that never goes back within a run; values carry it as their version. */
const now = () => performance.timeOrigin + performance.now();

const STATUS_EVERY_MS = 1_000;

async function main(): Promise<number> {
  const read = readFlags(process.argv.slice(2), OPTIONS, flagsSchema);
  if (read.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (read.kind === "refused") return refuse(`${read.message} See npm run traffic -- --help.`);
  const { url, token: tokenFlag, requests = null, ...flags } = read.flags;
  const [stray] = read.positionals;
  if (stray !== undefined) return refuse(`"${stray}" is no flag. See npm run traffic -- --help.`);
  const token = await findToken(tokenFlag, process.env["CEPATEDGE_TOKEN"]);
  if (token.kind === "refused") return refuse(token.message);

  const client = new CacheClient({ url, token: token.token });
  const unreachable = await client.unreachable();
  if (unreachable !== null) {
    return refuse(
      `Nothing answers at ${url} (${unreachable}). Start it with npm run dev, or give --url.`,
    );
  }

  const traffic = newTraffic(now());
  const stopStatus = showStatus(traffic);
  await runTraffic(traffic, client, { ...flags, requests, nowMs: now, stopped: watchInterrupt() });
  stopStatus();
  console.log(trafficLines(traffic, now()).join("\n"));
  if (traffic.tally.fatal !== null) return refuse(`\n${traffic.tally.fatal}`);
  const allFailed = traffic.tally.shards.size === 0;
  return traffic.wrong > 0 || allFailed ? 1 : 0;
}

/** One line that renews itself; nothing where no terminal is there to renew it. */
function showStatus(traffic: Traffic): () => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const clear = () => {
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
  };
  const timer = setInterval(() => {
    clear();
    stderr.write(statusLine(traffic, now()).slice(0, stderr.columns - 1));
  }, STATUS_EVERY_MS);
  return () => {
    clearInterval(timer);
    clear();
  };
}

function refuse(message: string): number {
  console.error(message);
  return 1;
}

process.exitCode = await main();

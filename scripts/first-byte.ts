import { prepareGround } from "../e2e/support/ground.ts";
import { CacheClient } from "../e2e/support/api.ts";
import prepareBuild from "../e2e/support/prepare-build.ts";
import { type Product, startProduct } from "../e2e/support/product.ts";
import { burst } from "../e2e/support/traffic.ts";
import { SPECS_PER_PLAN_MAX } from "../workers/registry/input.ts";
import { Latencies } from "./load/latencies.ts";
import { runRounds } from "./load/rounds-flag.ts";
import { milliseconds, table } from "./load/table.ts";

const SHARDS = 64;
const ROUNDS = 20;
const KEYS = 200;
const FIRST_BYTE_MS_MAX = 100;

const HELP = `npm run first-byte -- [flags]

Prints when the first byte of each page comes with ${SHARDS} shards, and when its last: the production
build on local workerd, pages by turns. It takes a minute, on a machine that does nothing else.

  --rounds N    rounds that count (${ROUNDS})`;

const PATHS = [
  "/",
  "/shards",
  "/shards/shard-7",
  "/shards/register",
  "/shards/shard-7/drain",
  "/operations",
  "/logs",
  "/breakers",
  "/audit",
];

/** A browser, not a crawler, and one that runs script: it is streamed to; see script-support. */
const AS_BROWSER = {
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
  Accept: "text/html",
  // The local server's compression holds back what Cloudflare's lets go.
  "Accept-Encoding": "identity",
};
const RUNS_SCRIPT = "cepatedge-script=1";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";

/** Returns the exit code: 1 where a page's median misses. */
async function measure(rounds: number): Promise<number> {
  prepareBuild();
  const ground = await prepareGround();
  const product = await startProduct(ground);
  try {
    const names = Array.from({ length: SHARDS }, (_, n) => `shard-${n + 1}`);
    for (let from = 0; from < SHARDS; from += SPECS_PER_PLAN_MAX) {
      await product.registerShards(...names.slice(from, from + SPECS_PER_PLAN_MAX));
    }
    await burst(new CacheClient(product.url, product.token), "session", KEYS);
    return await measureAll(product, rounds);
  } finally {
    await product.stop();
    await ground.stop();
  }
}

async function measureAll(product: Product, rounds: number): Promise<number> {
  const cookie = `${await signedIn(product)}; ${RUNS_SCRIPT}`;
  const figures = PATHS.map((path) => ({ path, first: new Latencies(), last: new Latencies() }));
  // The round before the first warms everything up and is not counted.
  for (let round = -1; round < rounds; round += 1) {
    for (const { path, first, last } of figures) {
      const times = await load(new URL(path, product.url), cookie);
      if (round < 0) continue;
      first.add(times.firstMs);
      last.add(times.lastMs);
    }
  }
  const rows = figures.map(({ path, first, last }) => [
    path,
    milliseconds(first.percentile(0.5)),
    milliseconds(first.maxMs),
    milliseconds(last.percentile(0.5)),
  ]);
  const head = ["page", "first byte, median", "most", "last byte, median"];
  for (const line of table(head, rows)) console.log(line);
  const late = figures.filter(({ first }) => (first.percentile(0.5) ?? 0) > FIRST_BYTE_MS_MAX);
  console.log(`\nasked: a first byte within ${FIRST_BYTE_MS_MAX} ms; ${late.length} pages miss it`);
  return late.length === 0 ? 0 : 1;
}

/** The session's cookie, by the form that an operator sends. */
async function signedIn({ url, admin }: Product): Promise<string> {
  const response = await fetch(new URL("/login", url), {
    method: "POST",
    headers: { ...AS_BROWSER, Origin: url },
    body: new URLSearchParams({ ...admin, next: "/" }),
    redirect: "manual",
  });
  const [session] = response.headers.getSetCookie();
  if (response.status !== 303 || session === undefined) {
    throw new Error(`Signing in answered ${response.status}.`);
  }
  return session.split(";")[0] ?? "";
}

async function load(url: URL, cookie: string): Promise<{ firstMs: number; lastMs: number }> {
  const beganMs = performance.now();
  const response = await fetch(url, { headers: { ...AS_BROWSER, Cookie: cookie } });
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}.`);
  let firstMs: number | null = null;
  for await (const _ of response.body ?? []) firstMs ??= performance.now() - beganMs;
  const lastMs = performance.now() - beganMs;
  return { firstMs: firstMs ?? lastMs, lastMs };
}

process.exitCode = await runRounds(
  { name: "npm run first-byte", help: HELP, rounds: ROUNDS },
  measure,
);

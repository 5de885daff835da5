import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { seededRandom } from "../cache/testing/seeded-random.ts";
import type { Actor } from "../contracts.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { fuzzedForm } from "./testing/fuzzed-forms.ts";
import { cookieOf } from "./testing/signed-in.ts";
import { actingPaths, askWhole } from "./testing/whole-dashboard.ts";

const REQUESTS = 10_000;
const AT_A_TIME = 32;
const SEED = 20_261_124;
const ACTOR: Actor = { id: "test", name: "test", role: "admin" };

/** But for the sign-in, which counts failures against whoever sends them, and hashes for long. */
const paths = actingPaths().filter((path) => path !== "/login");
const registry = () => registryOf(env);

async function stateOf() {
  return {
    topology: await registry().topology(),
    operations: await registry().operations(),
    breakers: (await registry().breakers()).map(({ shard, state, transitions }) => {
      return { shard, state, transitions };
    }),
    tokens: await registry().tokens(),
  };
}

it("10,000 fuzzed forms: no fault, and nothing has changed, whoever sends them", async () => {
  const spec = { name: "north", weight: 1, locationHint: null, capacityBytes: 64 * 1_048_576 };
  await registry().registerInstance(spec, ACTOR, "The test wants it.");
  const cookies = [
    await cookieOf(env, "viewer"),
    await cookieOf(env, "operator"),
    await cookieOf(env, "admin"),
  ];
  const before = await stateOf();

  const random = seededRandom(SEED);
  const statuses = new Set<number>();
  const faults: string[] = [];
  let left = REQUESTS;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const request = fuzzedForm(random, paths, cookies);
      const { status, error } = await askWhole(env, request, "nothing");
      statuses.add(status);
      if (status < 500 && !(error instanceof Error)) continue;
      faults.push(`${request.method} ${request.url.slice(0, 120)}: ${status} ${String(error)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));

  expect(faults).toEqual([]);
  // It went everywhere: a fuzz that only ever meets one refusal would prove little.
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([302, 303, 400, 401, 403, 405, 409]);
  expect(await stateOf()).toEqual(before);
}, 120_000);

import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { registryOf } from "../registry/registry-stub.ts";
import { sendThrough, setUpWorld } from "./testing/workerd-world.ts";
import type { ObjectCall } from "./testing/watched-env.ts";

// The registry reads this clock too: it runs in the same isolate.
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2030, 0, 1) });
  await setUpWorld(env, ["frail"]);
});
afterAll(() => {
  vi.useRealTimers();
});

const PATH = "/v1/cache/session/a";

/** Every call to the shard ends as one does whose machine is gone. */
const shardIsDead = ({ object }: ObjectCall) => {
  if (object === "shard") throw new Error("The machine is gone.");
};

const breaker = async () => {
  const [view] = await registryOf(env).breakers();
  if (view === undefined) throw new Error("The shard has no breaker.");
  return view;
};

test("A shard that fails is left alone by everybody, until probes find it well again", async () => {
  expect((await sendThrough(env, PATH, { method: "PUT", body: "kept" })).response.status).toBe(204);

  const { settings } = await breaker();
  let failed = 0;
  while ((await breaker()).state === "closed") {
    const { response } = await sendThrough(env, PATH, {}, shardIsDead);
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toMatch(/^[1-9][0-9]*$/);
    expect(await response.json()).toMatchObject({ code: "shard-unavailable" });
    failed += 1;
    expect(failed).toBeLessThanOrEqual(settings.callsMin + 10);
  }
  expect(await breaker()).toMatchObject({ state: "open", lastFailure: "The machine is gone." });

  const read = await sendThrough(env, PATH);
  expect(read.calls.map(({ object }) => object)).toEqual(["registry"]);
  expect(read.response.status).toBe(404);
  expect(read.response.headers.get("CepatEdge-Cache")).toBe("bypass");
  expect(read.response.headers.get("CepatEdge-Shard")).toBe("frail");
  expect(await read.response.json()).toMatchObject({ code: "cache-bypass" });

  const write = await sendThrough(env, PATH, { method: "PUT", body: "refused" });
  expect(write.calls.map(({ object }) => object)).toEqual(["registry"]);
  expect(write.response.status).toBe(503);
  expect(Number(write.response.headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(await write.response.json()).toMatchObject({ code: "breaker-open" });

  const many = await sendThrough(env, "/v1/cache/session/_mget", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: '{"keys": ["a", "b"]}',
  });
  expect(many.calls.map(({ object }) => object)).toEqual(["registry"]);
  const { entries } = await many.response.json<{ entries: { outcome: string }[] }>();
  expect(entries.map(({ outcome }) => outcome)).toEqual(["bypass", "bypass"]);

  // The time for probes comes: the first finds the shard still dead, and it opens for longer.
  const first = await breaker();
  vi.setSystemTime(first.probeAtMs ?? 0);
  const probe = await sendThrough(env, PATH, {}, shardIsDead);
  expect(probe.response.status).toBe(503);
  const second = await breaker();
  expect(second).toMatchObject({ state: "open", permitsOut: 0 });
  expect(second.generation).toBeGreaterThan(first.generation);

  // The machine is back: as many good probes as it takes, and all is as before.
  vi.setSystemTime(second.probeAtMs ?? 0);
  for (let probes = 1; probes <= settings.probeSuccessesToClose; probes += 1) {
    expect((await breaker()).state).not.toBe("closed");
    const { response, calls } = await sendThrough(env, PATH);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("kept");
    expect(calls.map(({ method }) => method)).toEqual([
      "getActiveInstanceFor",
      "getEntry",
      "report",
    ]);
  }
  expect(await breaker()).toMatchObject({ state: "closed", permitsOut: 0 });
  const after = await sendThrough(env, PATH);
  expect([after.response.status, after.calls.length]).toEqual([200, 2]);
});

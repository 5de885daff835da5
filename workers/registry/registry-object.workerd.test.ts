import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

const ADMIN = { id: "op-1", name: "ada@example.com", role: "admin" as const };

describe("registering", () => {
  test("the first shard gets every slot at epoch 1", async () => {
    const registry = env.CEPATEDGE_REGISTRY.get(env.CEPATEDGE_REGISTRY.idFromName("smoke"));
    const spec = { name: "smoke-a", weight: 1, locationHint: null, capacityBytes: 2 ** 30 };
    const answer = await registry.registerInstance(spec, ADMIN, "first");
    expect(answer).toMatchObject({ kind: "started", operation: { state: "done" } });
    const next = await registry.registerInstance({ ...spec, name: "smoke-b" }, ADMIN, "second");
    expect(next).toMatchObject({ kind: "started", operation: { state: "done", slotsMoved: 8192 } });
    const topology = await registry.topology();
    expect(topology.ranges).toEqual([
      { first: 0, last: 8191, shard: "smoke-a", epoch: 1 },
      { first: 8192, last: 16383, shard: "smoke-b", epoch: 2 },
    ]);
  });
});

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ADMIN, registryTests } from "./registry-fixture.ts";

const testRegistry = registryTests(env);

describe("a source that asks about its target", () => {
  test("is told which slots it owns at that epoch, and whether it is a shard still", async () => {
    const registry = testRegistry("standing");
    await registry.register("a", "b");
    const [a, b] = [registry.spec("a").name, registry.spec("b").name];
    const { ranges } = await registry.stub().topology();
    const slotOf = (name: string) => ranges.find(({ shard }) => shard === name)?.first ?? -1;
    const slots = [slotOf(a), slotOf(b)];
    const ask = (target: string, epoch: number) =>
      registry.stub().standingOf({ target, epoch, slots });
    expect(await ask(b, 1)).toEqual({ isRegistered: true, owned: [slotOf(b)] });
    expect(await ask(b, 2)).toEqual({ isRegistered: true, owned: [] });
    await registry.start(await registry.stub().planRemove(b, ADMIN));
    expect(await ask(b, 1)).toEqual({ isRegistered: false, owned: [] });
    expect(await ask(a, 1)).toEqual({ isRegistered: true, owned: [slotOf(a)] });
    expect(await ask(a, 2)).toEqual({ isRegistered: true, owned: [slotOf(b)] });
  });

  test("is told nothing from a memory that storage has left behind, for it would delete", async () => {
    const registry = testRegistry("standing-stale");
    await registry.register("a", "b");
    await runInDurableObject(registry.stub(), (instance, { storage: { sql } }) => {
      const question = { target: registry.spec("a").name, epoch: 1, slots: [1] };
      expect(instance.standingOf(question)).toMatchObject({ isRegistered: true });
      sql.exec("UPDATE epochs SET given_out = given_out + 1");
      expect(() => instance.standingOf(question)).toThrow(/behind/);
    });
  });

  test("is told nothing where its question is malformed, for it would delete", async () => {
    const registry = testRegistry("standing-malformed");
    await runInDurableObject(registry.stub(), (instance) => {
      const question = { target: "A!", epoch: 1, slots: [1] };
      expect(() => instance.standingOf(question)).toThrow(TypeError);
      expect(() => instance.standingOf({ target: "a", epoch: 1, slots: [-1] })).toThrow(TypeError);
    });
  });
});

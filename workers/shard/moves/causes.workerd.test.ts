import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, START_MS, textEntry } from "../testing.ts";
import { drive, errorsOf, guardedDoor, ModelTime, openSource, RegistryModel } from "./testing.ts";

const doorOf = (name: string): MoveTargetApi => shardOf(env, name);

/** What a target is asked, and how an operator is told of it. */
const TASKS = [
  ["stage", "take entries"],
  ["seal", "confirm its copy"],
  ["adoptSlots", "serve what it was given"],
  ["acceptLogs", "take usage logs"],
  ["acceptMinutes", "take counts per minute"],
] as const;

/** Moves a slot and the logs; the first call of `failing` ends as `how` says. */
async function causesOf(name: string, failing: string, how: "throws" | "hangs") {
  const target = `${name}-target`;
  const registry = new RegistryModel(5).plan([1], target);
  registry.logTargets = [target];
  const time = new ModelTime();
  let hasFailed = false;
  await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
    const door = guardedDoor(shardOf(env, target), async (method, call) => {
      if (method !== failing || hasFailed) return await call();
      hasFailed = true;
      if (how === "throws") throw new Error("its disk is full");
      setTimeout(() => time.passDeadlines(), 0);
      return await new Promise(() => {});
    });
    const source = openSource(storage, { registry, target: () => door, time });
    source.shard.operations.set(fence(1), "t", "a", textEntry("v"), START_MS);
    await drive(source);
    expect(registry.isLogsDone).toBe(true);
  });
  return errorsOf(registry);
}

describe("the cause that an operator reads", () => {
  it.each(TASKS)(
    "names the target whose %s fails, what it was to do, and why",
    async (at, task) => {
      const name = `throws-${at.toLowerCase()}`;
      const causes = await causesOf(name, at, "throws");
      expect(causes).toEqual([`${name}-target could not ${task}: its disk is full`]);
    },
  );

  it.each(TASKS)("names the target that is silent at %s, and for how long", async (at, task) => {
    const name = `hangs-${at.toLowerCase()}`;
    const [cause, ...others] = await causesOf(name, at, "hangs");
    expect(cause).toMatch(new RegExp(`^${name}-target did not ${task} within \\d+ ms$`));
    expect(others).toEqual([]);
  });

  it("names the registry where it is the one that fails", async () => {
    const registry = new RegistryModel(5).plan([1], "decides-target");
    let isFirst = true;
    registry.beforeReport = () => {
      if (!isFirst) return;
      isFirst = false;
      throw new Error("it is being moved");
    };
    await runInDurableObject(shardOf(env, "decides"), async (_, { storage }) => {
      await drive(openSource(storage, { registry, target: doorOf }));
    });
    expect(errorsOf(registry)).toEqual(["The registry could not take a report: it is being moved"]);
  });

  it("is of no batch where the registry did not say what to do before it", async () => {
    const registry = new RegistryModel(5).plan([1], "silent-before-target");
    const nextMoves = registry.nextMoves.bind(registry);
    let isFirst = true;
    registry.nextMoves = async () => {
      if (!isFirst) return await nextMoves();
      isFirst = false;
      throw new Error("it is being moved");
    };
    await runInDurableObject(shardOf(env, "silent-before"), async (_, { storage }) => {
      await drive(openSource(storage, { registry, target: doorOf }));
    });
    expect(registry.states).toEqual(["cleaned"]);
    expect(errorsOf(registry)).toEqual([]);
  });
});

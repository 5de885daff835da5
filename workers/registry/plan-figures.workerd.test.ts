import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { SlotTransfer } from "../contracts/operations.ts";
import { LOG_READERS_MS } from "../lib/limits.ts";
import { ADMIN, mainRegistryTests } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);
type Registry = ReturnType<typeof testRegistry>;

const HEAVY = { timeout: 60_000 };
const NAMES = ["a", "b", "c", "d"] as const;

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** What one shard has: its own logs stay where they are, so only adopted ones tell a transfer. */
async function heldBy(registry: Registry, name: string) {
  const { entries, entryBytes, logsAdopted } = await registry.shard(name).stats();
  const shares: Record<string, number> = await registry.shares();
  return { slots: shares[name] ?? 0, entries, bytes: entryBytes, logs: logsAdopted };
}

async function held(registry: Registry) {
  const pairs = NAMES.map(async (name) => [name, await heldBy(registry, name)] as const);
  return new Map(await Promise.all(pairs));
}

/** Drains the shard to its end; answers what the plan had said. */
async function drain(registry: Registry, name: string): Promise<SlotTransfer[]> {
  const planned = await registry.stub().planDrain(registry.spec(name).name, ADMIN);
  if (planned.kind === "refused") throw new Error(planned.message);
  const { id } = await registry.start(planned);
  const moved = planned.plan.transfers.reduce((sum, one) => sum + one.logs, 0);
  await registry.until(async () => {
    return (await registry.stub().operation(id))?.progress.logs.moved === moved;
  });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + LOG_READERS_MS });
  await registry.shard(name).wake();
  const { progress } = await registry.ended(id);
  expect(progress.logs).toEqual({ total: moved, moved });
  vi.useRealTimers();
  return planned.plan.transfers;
}

describe("a drain's plan", () => {
  test(
    "says to the last log what each target gets, also of logs that were adopted before",
    HEAVY,
    async () => {
      const registry = testRegistry("exact");
      await registry.register(...NAMES);
      const keys = Array.from({ length: 200 }, (_, at) => `key-${at}-${"x".repeat(at % 7)}`);
      await Promise.all(keys.map((key) => registry.store(key)));
      await Promise.all(keys.slice(0, 90).map((key) => registry.read(key)));
      for (const leaver of ["b", "d"] as const) {
        const before = await held(registry);
        const transfers = await drain(registry, leaver);
        const after = await held(registry);
        expect(transfers.length).toBeGreaterThan(1);
        for (const { source, target, slots, entries, bytes, logs } of transfers) {
          expect(source).toBe(registry.spec(leaver).name);
          const name = NAMES.find((one) => registry.spec(one).name === target) ?? leaver;
          const [was, is] = [before.get(name), after.get(name)];
          if (was === undefined || is === undefined) throw new Error(`${name} is unknown`);
          expect({
            slots: is.slots - was.slots,
            entries: is.entries - was.entries,
            bytes: is.bytes - was.bytes,
            logs: is.logs - was.logs,
          }).toEqual({ slots, entries, bytes, logs });
        }
        expect(after.get(leaver)).toEqual({ slots: 0, entries: 0, bytes: 0, logs: 0 });
      }
    },
  );
});

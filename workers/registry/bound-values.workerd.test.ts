import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { SLOT_COUNT } from "../lib/limits.ts";
import { rulesOf } from "./operations/operations-fixture.ts";
import { insertSlotMoves, listCommitted, markCommitted } from "./slot-moves-store.ts";

const withRules = rulesOf(env);

/** https://developers.cloudflare.com/durable-objects/platform/limits/: of a string, BLOB or row. */
const VALUE_BYTES_MAX = 2_000_000;

const NAME = "n".repeat(63);
const EPOCH = Number.MAX_SAFE_INTEGER - 1;

/** The same storage, with the longest value that was bound to a statement so far. */
function watched(sql: SqlStorage) {
  const longest = { bytes: 0 };
  const exec = (query: string, ...bindings: (SqlStorageValue | undefined)[]) => {
    const lengths = bindings.map((value) => (typeof value === "string" ? value.length : 0));
    longest.bytes = Math.max(longest.bytes, ...lengths);
    return sql.exec(query, ...bindings);
  };
  const proxy = new Proxy(sql, {
    get: (real, key) => (key === "exec" ? exec : Reflect.get(real, key)),
  });
  return { sql: proxy, longest };
}

describe("an operation that moves every slot between shards with the longest names", () => {
  test("binds no value that storage would not take", async () => {
    await withRules("bound-values", async ({ state }) => {
      const { sql, longest } = watched(state.sql);
      const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot);
      const moves = slots.map((slot) => ({ slot, source: NAME, target: NAME, fromEpoch: EPOCH }));
      insertSlotMoves(sql, 1, moves, "waiting");
      const most = { entries: EPOCH, bytes: EPOCH, hash: "f".repeat(128) };
      markCommitted(
        sql,
        1,
        slots.map((slot) => ({ slot, ...most })),
        1,
      );
      expect(listCommitted(sql, 1)).toHaveLength(SLOT_COUNT);
      expect(longest.bytes).toBeLessThan(VALUE_BYTES_MAX);
    });
  });
});

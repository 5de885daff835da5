import { expect, it } from "vitest";
import { worstFirst } from "./worst-first.ts";

const shard = (name: string, breaker: "closed" | "open" | "isolated" = "closed") => ({
  name,
  breaker,
});
const well = { kind: "answered", value: { alarmError: null } } as const;

it("What needs a person stands first, the rest as it is numbered", () => {
  const shards = [shard("a"), shard("b", "isolated"), shard("c"), shard("d"), shard("e", "open")];
  const figures = {
    a: well,
    b: well,
    c: { kind: "answered", value: { alarmError: "disk full" } },
    d: { kind: "failed" },
  } as const;
  expect(worstFirst(shards, figures).map(({ name }) => name)).toEqual(["d", "b", "e", "c", "a"]);
  expect(worstFirst(shards, {}).map(({ name }) => name)).toEqual(["b", "e", "a", "c", "d"]);
});

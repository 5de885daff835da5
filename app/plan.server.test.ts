import { expect, test } from "vitest";
import type { Plan } from "../workers/contracts.ts";
import { offered, previewHref, requestOf, statusOf } from "./plan.server.ts";

const plan = (told: Partial<Plan>): Plan => ({
  id: "p",
  kind: "drain",
  epoch: 3,
  shards: ["north"],
  specs: [],
  weights: [],
  undoes: null,
  transfers: [],
  shares: [],
  fills: [],
  estimate: { durationMs: 0, basis: "default", rowsWritten: 0, requests: 0, dollars: 0 },
  loss: null,
  overrides: [],
  warnings: [],
  createdAtMs: 0,
  expiresAtMs: 0,
  ...told,
});

test("A plan tells what would make it once more", () => {
  expect(requestOf(plan({}))).toEqual({ kind: "drain", shard: "north" });
  expect(requestOf(plan({ kind: "remove" }))).toEqual({ kind: "remove", shard: "north" });
  expect(requestOf(plan({ kind: "undo", undoes: "op" }))).toEqual({
    kind: "undo",
    operation: "op",
  });
  const weights = [{ shard: "north", before: 1, after: 4 }];
  expect(requestOf(plan({ kind: "rebalance", weights }))).toEqual({
    kind: "rebalance",
    weights: [{ shard: "north", weight: 4 }],
  });
});

test("What was overridden before stays ticked, what it is refused for now is offered", () => {
  expect(offered([], "operation-running")).toEqual([]);
  expect(offered(["target-breaker-open"], "target-over-capacity")).toEqual([
    { name: "target-over-capacity", chosen: false },
    { name: "target-breaker-open", chosen: true },
  ]);
});

test("A refusal's status tells whose turn it is", () => {
  expect(statusOf("bad-input")).toBe(400);
  expect(statusOf("not-permitted")).toBe(403);
  expect(statusOf("plan-stale")).toBe(409);
  expect(statusOf("shard-unreachable")).toBe(503);
  expect(statusOf("source-silent")).toBe(503);
});

test("A plan's id cannot leave its place in the address", () => {
  expect(previewHref("a&b=c")).toBe("/operations/preview?plan=a%26b%3Dc");
});

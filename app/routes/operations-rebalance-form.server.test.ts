import { expect, test } from "vitest";
import {
  rebalanceHref,
  weightFieldsFrom,
  weightsFrom,
} from "./operations-rebalance-form.server.ts";

test("A weight is a whole number from 1 to 100, and what is none is told beside its field", () => {
  expect(weightsFrom({ north: " 2", south: "100" })).toEqual({
    kind: "weights",
    weights: [
      { shard: "north", weight: 2 },
      { shard: "south", weight: 100 },
    ],
  });
  const message = "A whole number from 1 to 100.";
  expect(weightsFrom({ a: "0", b: "101", c: "1.5", d: "", e: "7" })).toEqual({
    kind: "bad",
    errors: { a: message, b: message, c: message, d: message },
  });
});

test("The form's address holds what it begins with, and nothing that could be no shard's", () => {
  const href = rebalanceHref([{ shard: "north", before: 1, after: 3 }]);
  expect(href).toBe("/operations/rebalance?weight-north=3");
  const params = new URLSearchParams(`${href.split("?")[1]}&weight-No!=1&plan=x`);
  expect(weightFieldsFrom(params)).toEqual({ north: "3" });
});

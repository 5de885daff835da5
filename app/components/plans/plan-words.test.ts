import { expect, test } from "vitest";
import { confirmWords, namesOf, operationName, planTitle } from "./plan-words.ts";

test("A title names few shards, and of many says how many there are", () => {
  expect(namesOf(["a", "b", "c"])).toBe("a, b, c");
  expect(namesOf(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});

test("The button that starts something names what it is about", () => {
  const shards = ["north"];
  expect(confirmWords({ kind: "drain", shards }).button).toBe("Start drain of north");
  expect(confirmWords({ kind: "remove", shards }).button).toBe("Remove north for good");
  expect(confirmWords({ kind: "register", shards: ["a", "b"] }).button).toBe("Register 2 shards");
});

test("An operation is called by what it does", () => {
  expect(operationName({ kind: "undo", shards: ["north"] })).toBe("Undo for north");
  expect(planTitle({ kind: "drain", shards: ["north"] })).toBe("Drain north: preview");
});

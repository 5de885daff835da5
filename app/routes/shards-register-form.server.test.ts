import { expect, test } from "vitest";
import {
  fieldsFrom,
  hrefToPlanAgain,
  specsFrom,
  suggestedFields,
} from "./shards-register-form.server.ts";

const series = suggestedFields(new URLSearchParams(), 0);
const list = (names: string) => ({ ...series, naming: "list" as const, names });
const namesOf = (answer: ReturnType<typeof specsFrom>) =>
  answer.kind === "specs" ? answer.specs.map(({ name }) => name) : answer.errors;

test("A series goes on after the highest number that is taken", () => {
  expect(namesOf(specsFrom(series, []))).toEqual(["shard-01", "shard-02", "shard-03", "shard-04"]);
  const taken = ["shard-07", "shard-x", "other-99"];
  expect(namesOf(specsFrom({ ...series, count: "2" }, taken))).toEqual(["shard-08", "shard-09"]);
});

test("Names may stand apart by spaces, commas or lines", () => {
  expect(namesOf(specsFrom(list("a, b\nc  d"), []))).toEqual(["a", "b", "c", "d"]);
});

test("What is wrong is told beside its field", () => {
  const bad = { ...series, count: "17", weight: "0", capacityMib: "1.5", location: "moon" };
  expect(namesOf(specsFrom(bad, []))).toEqual({
    count: "A whole number from 1 to 16.",
    weight: "A whole number from 1 to 100.",
    capacityMib: "A whole number from 2 to 8,192.",
    location: "Choose one of the places.",
  });
  expect(namesOf(specsFrom(list(" "), []))).toEqual({ names: "Write at least one name." });
  expect(namesOf(specsFrom(list("a a"), []))).toEqual({ names: "a stands there twice." });
  expect(namesOf(specsFrom(list("register"), []))).toHaveProperty("names");
  expect(namesOf(specsFrom(list("Upper"), []))).toHaveProperty("names");
});

test("The way back from a plan fills the form with the same shards", () => {
  const made = specsFrom({ ...list("a b"), weight: "3", location: "weur", capacityMib: "64" }, []);
  if (made.kind === "bad") throw new Error("The form is right.");
  const { searchParams } = new URL(hrefToPlanAgain(made.specs), "http://localhost");
  expect(specsFrom(suggestedFields(searchParams, 2), [])).toEqual(made);
});

test("A form that lacks fields is answered with messages, not with a fault", () => {
  expect(specsFrom(fieldsFrom({}), []).kind).toBe("bad");
});

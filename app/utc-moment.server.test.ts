import { expect, it } from "vitest";
import { utcMoment } from "./utc-moment.server.ts";

it.each([
  ["2026-11-23T02:40", Date.UTC(2026, 10, 23, 2, 40)],
  ["2026-11-23T02:40:30.250Z", Date.UTC(2026, 10, 23, 2, 40, 30, 250)],
  ["0000-01-01T00:00", 0],
])("reads %s as UTC, and nothing as earlier than 1970", (text, ms) => {
  expect(utcMoment.parse(text)).toBe(ms);
});

it.each(["2026-02-30T00:00", "2026-11-23T24:01", "2026-11-23", "yesterday", "+010000-01-01T00:00"])(
  "refuses %s with a sentence",
  (text) => {
    expect(utcMoment.safeParse(text).error?.issues[0]?.message).toMatch(/^(A day|There is no)/);
  },
);

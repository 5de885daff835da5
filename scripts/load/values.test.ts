import * as fc from "fast-check";
import { expect, test } from "vitest";
import { provesItself, valueFor } from "./values.ts";

test("a value has the size that was asked for and proves itself", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(),
      fc.integer({ min: 20, max: 5_000 }),
      (entry, version, bytes) => {
        const value = valueFor(entry, version, bytes);
        expect(value.byteLength).toBe(bytes);
        expect(provesItself(entry, value)).toBe(true);
      },
    ),
  );
});

test("one wrong bit, another entry, or a cut is noticed", () => {
  const value = valueFor("session:a", 3, 100);
  for (const at of [0, 1, 50, 99]) {
    const broken = Buffer.from(value);
    broken[at] = (broken[at] ?? 0) ^ 1;
    expect(provesItself("session:a", broken)).toBe(false);
  }
  expect(provesItself("session:b", value)).toBe(false);
  expect(provesItself("session:a", Buffer.alloc(100))).toBe(false);
});

test("two versions differ even in values of a few bytes", () => {
  expect(valueFor("k", 1_000_001, 4)).not.toEqual(valueFor("k", 1_000_002, 4));
});

test("an empty value is possible", () => {
  expect(valueFor("k", 1, 0)).toHaveLength(0);
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MovedEntry } from "../../contracts.ts";
import { DigestSum, isEqualDigest } from "./digest.ts";

const entry: MovedEntry = {
  slot: 1,
  type: "t",
  key: "k",
  value: new TextEncoder().encode("v"),
  contentType: "a/b",
  expiresAtMs: null,
  storedAtMs: 5,
  version: 3,
};

function digestOf(entries: readonly MovedEntry[]) {
  const sum = new DigestSum();
  for (const one of entries) sum.add(one);
  return sum.read(1);
}

describe("a slot's digest", () => {
  it("of nothing is zero", () => {
    expect(digestOf([])).toEqual({ slot: 1, entries: 0, bytes: 0, hash: "0".repeat(64) });
  });

  it("of one entry is the SHA-256 of its fields and its value", () => {
    // printf '["t","k","a/b",null,5,3]\nv' | sha256sum
    const hash = "be66aeedf4b328480bf06d5de2e6669c3cf239a460b06db98cbe1d222b1cdbeb";
    expect(digestOf([entry])).toEqual({ slot: 1, entries: 1, bytes: 134, hash });
  });

  it("does not depend on the order of the entries", () => {
    const entries = fc.array(fc.record({ key: fc.string(), version: fc.nat() }), { maxLength: 20 });
    const shuffled = entries.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const [left, right] = [one, other].map((list) =>
          digestOf(list.map((row) => ({ ...entry, ...row }))),
        );
        expect(left).toEqual(right);
      }),
    );
  });

  const differences: Partial<MovedEntry>[] = [
    { type: "u" },
    { key: "l" },
    { value: new TextEncoder().encode("w") },
    { contentType: "a/c" },
    { expiresAtMs: 7 },
    { storedAtMs: 6 },
    { version: 4 },
  ];

  it.each(differences)("tells entries apart that differ in %o", (difference) => {
    expect(isEqualDigest(digestOf([entry]), digestOf([{ ...entry, ...difference }]))).toBe(false);
  });

  it("tells an entry that is missing, or there twice", () => {
    expect(isEqualDigest(digestOf([entry]), digestOf([]))).toBe(false);
    expect(isEqualDigest(digestOf([entry]), digestOf([entry, entry]))).toBe(false);
    expect(isEqualDigest(digestOf([entry]), undefined)).toBe(false);
    expect(isEqualDigest(digestOf([entry]), digestOf([{ ...entry }]))).toBe(true);
  });
});

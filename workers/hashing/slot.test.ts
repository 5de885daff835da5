import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SLOT_COUNT } from "../lib/limits.ts";
import { crc16OfText } from "./crc16.ts";
import { keySlot, slotFor } from "./slot.ts";

/** The textbook's bit-by-bit CRC over the bytes that TextEncoder makes: slow and independent. */
function referenceCrc(text: string): number {
  let crc = 0;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
    }
  }
  return crc;
}

/** Rule by rule as the specification words it. */
function referenceSlot(text: string): number {
  const tag = /\{([^}]*)\}/s.exec(text)?.[1];
  return referenceCrc(tag === undefined || tag === "" ? text : tag) % SLOT_COUNT;
}

const type = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom("{", "}", "a", "é", "€", "😀") }),
);

describe("the golden vectors of the Redis Cluster specification", () => {
  test("the CRC of 123456789 is 0x31C3", () => {
    expect(crc16OfText("123456789", 0, 0, 9)).toBe(0x31c3);
  });

  test.each([
    ["somekey", 11058],
    ["foo{hash_tag}", 2515],
    ["bar{hash_tag}", 2515],
    ["foo", 12182],
    ["bar", 5061],
    ["hello", 866],
    ["", 0],
  ])("CLUSTER KEYSLOT %s is %i", (text, slot) => {
    expect(keySlot(text)).toBe(slot);
  });

  test("the two keys of one user share the slot of the user's name", () => {
    expect(keySlot("{user1000}.following")).toBe(keySlot("user1000"));
    expect(keySlot("{user1000}.followers")).toBe(keySlot("user1000"));
  });

  test("an empty tag counts for nothing: the whole of foo{}{bar} is hashed", () => {
    expect(keySlot("foo{}{bar}")).toBe(referenceCrc("foo{}{bar}") % SLOT_COUNT);
    expect(keySlot("foo{}{bar}")).not.toBe(keySlot("bar"));
  });

  test("in foo{{bar}}zap the tag is {bar, from the first brace to the first closing one", () => {
    expect(keySlot("foo{{bar}}zap")).toBe(keySlot("{bar"));
  });

  test("in foo{bar}{zap} the first tag wins", () => {
    expect(keySlot("foo{bar}{zap}")).toBe(keySlot("bar"));
  });

  test("a brace that is never closed, or closed before it opens, makes no tag", () => {
    expect(keySlot("foo{bar")).toBe(referenceCrc("foo{bar") % SLOT_COUNT);
    expect(keySlot("foo}bar{")).toBe(referenceCrc("foo}bar{") % SLOT_COUNT);
  });
});

describe("slots", () => {
  test("agree with a bit-by-bit reference for any text, astral and broken characters too", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(keySlot(text)).toBe(referenceSlot(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("of an entry are those of the text type:key", () => {
    fc.assert(
      fc.property(type, anyText, (entryType, key) => {
        expect(slotFor(entryType, key)).toBe(keySlot(`${entryType}:${key}`));
      }),
      { numRuns: 2_000 },
    );
  });

  test("are shared by all types and keys with one tag", () => {
    fc.assert(
      fc.property(type, type, fc.stringMatching(/^[^{}]{1,20}$/), (one, other, tag) => {
        expect(slotFor(one, `a{${tag}}`)).toBe(slotFor(other, `{${tag}}b{c}`));
      }),
    );
  });

  test("are spread evenly: 160,000 keys put no slot far from the mean of about 10", () => {
    const counts = new Uint16Array(SLOT_COUNT);
    for (let id = 0; id < 160_000; id++) {
      const slot = slotFor("product", `item-${id}`);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    expect(Math.max(...counts)).toBeLessThan(40);
  });
});

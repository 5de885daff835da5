import { describe, expect, it } from "vitest";
import { VALUE_BYTES_MAX } from "../lib/limits.ts";
import {
  ANSWER_BYTES_MAX,
  checkAnswerBytes,
  checkFence,
  checkKeyCount,
  checkName,
  checkNewEntry,
} from "./boundary.ts";
import { bytesEntry } from "./testing.ts";

describe("the shard's door", () => {
  it("lets the widest of everything in", () => {
    expect(() => {
      checkFence({ slot: 16_383, epoch: Number.MAX_SAFE_INTEGER });
      checkName(`a${"-".repeat(31)}`, "k".repeat(512));
      checkName("a", "ü".repeat(256));
      checkNewEntry(bytesEntry(VALUE_BYTES_MAX));
      checkNewEntry(bytesEntry(0));
      checkKeyCount(100);
      checkAnswerBytes(0);
      checkAnswerBytes(ANSWER_BYTES_MAX);
    }).not.toThrow();
  });

  it.each([
    ["a slot past the last", () => checkFence({ slot: 16_384, epoch: 1 })],
    ["a slot that is no integer", () => checkFence({ slot: 0.5, epoch: 1 })],
    ["an epoch of zero", () => checkFence({ slot: 0, epoch: 0 })],
    ["an epoch that is not exact", () => checkFence({ slot: 0, epoch: 2 ** 53 })],
    ["a type in capitals", () => checkName("Product", "k")],
    ["a type that is too long", () => checkName("a".repeat(33), "k")],
    ["an empty key", () => checkName("a", "")],
    ["a key that is too long", () => checkName("a", "k".repeat(513))],
    ["a key whose bytes are too many", () => checkName("a", "ü".repeat(257))],
    ["a key that is not well-formed", () => checkName("a", "\ud800")],
    ["a value that is too large", () => checkNewEntry(bytesEntry(VALUE_BYTES_MAX + 1))],
    ["a value of another kind", () => checkNewEntry(JSON.parse('{"value":[1]}'))],
    ["an expiry that is no time", () => checkNewEntry(bytesEntry(1, Number.NaN))],
    ["too many keys", () => checkKeyCount(101)],
    ["a budget below nothing", () => checkAnswerBytes(-1)],
    ["a budget that is no whole number", () => checkAnswerBytes(0.5)],
    ["a budget that no message holds", () => checkAnswerBytes(ANSWER_BYTES_MAX + 1)],
  ])("throws a TypeError for %s", (_, check) => {
    expect(check).toThrow(TypeError);
  });
});

import { expect, it } from "vitest";
import { freezeMsMax } from "./batch-mover.ts";
import {
  BATCH_BYTES,
  BATCH_ENTRIES,
  FREEZE_MS_MAX,
  FREEZE_MS_PER_ENTRY,
  FREEZE_MS_PER_MIB,
} from "./bounds.ts";

const MIB = 1_048_576;

it("freezes every batch of more than one slot for the same bound, whatever it holds", () => {
  expect(freezeMsMax(0, 0)).toBe(FREEZE_MS_MAX);
  expect(freezeMsMax(BATCH_ENTRIES, BATCH_BYTES)).toBe(FREEZE_MS_MAX);
});

it("gives a huge slot the time that reading it takes, by its entries and by its bytes", () => {
  const entries = (2 * FREEZE_MS_MAX) / FREEZE_MS_PER_ENTRY;
  const mebibytes = (3 * FREEZE_MS_MAX) / FREEZE_MS_PER_MIB;
  expect(freezeMsMax(entries, 0)).toBe(2 * FREEZE_MS_MAX);
  expect(freezeMsMax(0, mebibytes * MIB)).toBe(3 * FREEZE_MS_MAX);
  expect(freezeMsMax(entries, mebibytes * MIB)).toBe(5 * FREEZE_MS_MAX);
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VisitedBits } from "./visited-bits.ts";

describe("visited bits", () => {
  it("behave as a set of numbers, over words and chunks and past 32 bits", () => {
    const seq = fc.oneof(
      fc.constantFrom(0, 31, 32, 8_191, 8_192, 2 ** 32, 2 ** 40 + 31),
      fc.integer({ min: 0, max: 100 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), seq)), (steps) => {
        const bits = new VisitedBits();
        const model = new Set<number>();
        for (const [isSet, at] of steps) {
          expect(bits.clear(at)).toBe(model.delete(at));
          if (!isSet) continue;
          bits.set(at);
          bits.set(at);
          model.add(at);
        }
        for (const at of model) expect(bits.clear(at)).toBe(true);
        expect(bits.chunkCount).toBe(0);
      }),
    );
  });
});

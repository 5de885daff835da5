import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge, type Tenure, type Verdict } from "./fence.ts";

const READ_WRITE = ["read", "write"] as const;

/** Every state, met by an epoch below, at, between and above; reads first, then writes. */
const TABLE: [Tenure, { epoch: number; read: Verdict; write?: Verdict }[]][] = [
  [{ kind: "unknown" }, [{ epoch: 1, read: "adopt" }]],
  [
    { kind: "serving", epoch: 5 },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "serve" },
      { epoch: 6, read: "adopt-afresh" },
    ],
  ],
  [
    { kind: "copying", epoch: 5 },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "serve" },
      { epoch: 6, read: "adopt-afresh" },
    ],
  ],
  [
    { kind: "frozen", epoch: 5 },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "serve", write: "moving" },
      { epoch: 6, read: "adopt-afresh" },
    ],
  ],
  [
    { kind: "closed", epoch: 5, to: 8 },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "moving" },
      { epoch: 7, read: "moving" },
      { epoch: 8, read: "moving" },
      { epoch: 9, read: "moving" },
    ],
  ],
  [
    { kind: "released", epoch: 5, isDirty: false },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "adopt" },
      { epoch: 6, read: "adopt" },
    ],
  ],
  [
    { kind: "released", epoch: 5, isDirty: true },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "adopt-afresh" },
      { epoch: 6, read: "adopt-afresh" },
    ],
  ],
  [
    { kind: "staging", epoch: 5, isSealed: true },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "adopt" },
      { epoch: 6, read: "adopt-afresh" },
    ],
  ],
  [
    { kind: "staging", epoch: 5, isSealed: false },
    [
      { epoch: 4, read: "moved" },
      { epoch: 5, read: "adopt-afresh" },
      { epoch: 6, read: "adopt-afresh" },
    ],
  ],
];

const CASES = TABLE.flatMap(([tenure, rows]) =>
  rows.flatMap(({ epoch, read, write }) =>
    READ_WRITE.map((access) => ({
      tenure,
      state: JSON.stringify(tenure),
      access,
      epoch,
      verdict: access === "read" ? read : (write ?? read),
    })),
  ),
);

describe("the fence", () => {
  it.each(CASES)("lets a $access at $epoch meet $state with: $verdict", (one) => {
    expect(judge(one.tenure, one.epoch, one.access)).toBe(one.verdict);
  });

  it("never serves an epoch below one it has served or been closed to", () => {
    const step = fc.record({ epoch: fc.integer({ min: 1, max: 9 }), leave: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let tenure: Tenure = { kind: "unknown" };
        let floor = 0;
        for (const { epoch, leave } of steps) {
          if (leave) {
            if (epoch > floor) tenure = { kind: "released", epoch, isDirty: false };
            floor = Math.max(floor, epoch);
            continue;
          }
          const isServed = judge(tenure, epoch, "write") !== "moved";
          expect(isServed).toBe(epoch >= floor);
          if (isServed) tenure = { kind: "serving", epoch };
          floor = Math.max(floor, epoch);
        }
      }),
    );
  });
});

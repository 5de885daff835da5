import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge, judgeRelease, type Tenure } from "./fence.ts";

describe("the fence", () => {
  it("adopts whatever epoch comes first", () => {
    expect(judge({ kind: "unknown" }, 5)).toBe("adopt");
  });

  it("serves the epoch it has adopted, and no lower one", () => {
    expect(judge({ kind: "serving", epoch: 5 }, 5)).toBe("serve");
    expect(judge({ kind: "serving", epoch: 5 }, 4)).toBe("moved");
  });

  it("starts afresh at a higher epoch that no release has led to", () => {
    expect(judge({ kind: "serving", epoch: 5 }, 6)).toBe("adopt-afresh");
  });

  it("stays closed below a release, and opens at it", () => {
    expect(judge({ kind: "released", epoch: 5 }, 4)).toBe("moved");
    expect(judge({ kind: "released", epoch: 5 }, 5)).toBe("adopt");
    expect(judge({ kind: "released", epoch: 5 }, 9)).toBe("adopt");
  });

  it("closes what it serves below the order, and keeps what it serves at it or above", () => {
    expect(judgeRelease({ kind: "unknown" }, 0, 5)).toBe("close");
    expect(judgeRelease({ kind: "serving", epoch: 4 }, 0, 5)).toBe("close");
    expect(judgeRelease({ kind: "serving", epoch: 5 }, 0, 5)).toBe("keep");
    expect(judgeRelease({ kind: "released", epoch: 4 }, 0, 5)).toBe("close");
    expect(judgeRelease({ kind: "released", epoch: 5 }, 0, 5)).toBe("done");
    expect(judgeRelease({ kind: "released", epoch: 6 }, 0, 5)).toBe("done");
  });

  it("keeps what it has kept before, until a later order asks for it", () => {
    expect(judgeRelease({ kind: "serving", epoch: 4 }, 6, 5)).toBe("keep");
    expect(judgeRelease({ kind: "serving", epoch: 4 }, 6, 6)).toBe("keep");
    expect(judgeRelease({ kind: "serving", epoch: 4 }, 6, 7)).toBe("close");
  });

  it("never serves an epoch below one it has served or been closed to", () => {
    const step = fc.record({ epoch: fc.integer({ min: 1, max: 9 }), release: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let tenure: Tenure = { kind: "unknown" };
        let floor = 0;
        for (const { epoch, release } of steps) {
          if (release) {
            if (judgeRelease(tenure, 0, epoch) === "close") tenure = { kind: "released", epoch };
            floor = tenure.kind === "released" ? Math.max(floor, tenure.epoch) : floor;
            continue;
          }
          const isServed = judge(tenure, epoch) !== "moved";
          expect(isServed).toBe(epoch >= floor);
          if (isServed) tenure = { kind: "serving", epoch };
          floor = Math.max(floor, epoch);
        }
      }),
    );
  });
});

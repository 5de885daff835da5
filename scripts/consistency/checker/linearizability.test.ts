import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLinearizable } from "./brute-force.ts";
import { hit, miss, remove, set } from "./history-fixture.ts";
import type { CheckOptions, KeyOperation } from "./history.ts";
import { checkKey } from "./linearizability.ts";
import { shrink } from "./shrink.ts";

const EXACT: CheckOptions = { stepsMax: 100_000, clockSlackMs: 0 };
const verdictOf = (...history: KeyOperation[]) => checkKey(history, EXACT).kind;

describe("a history is accepted", () => {
  it("when nothing overlaps and every read sees the last write", () => {
    const history = [miss(0, 1), set("a", 2, 3), hit("a", 4, 5), remove(6, 7), miss(8, 9)];
    expect(verdictOf(...history)).toBe("linearizable");
  });

  it("when writes overlap and reads settle on one of them", () => {
    expect(verdictOf(set("a", 0, 10), set("b", 0, 10), hit("a", 11, 12))).toBe("linearizable");
    expect(verdictOf(set("a", 0, 10), set("b", 0, 10), hit("b", 11, 12))).toBe("linearizable");
  });

  it("when a read sees a write that is still under way", () => {
    expect(verdictOf(set("a", 0, 10), hit("a", 2, 3), hit("a", 4, 5))).toBe("linearizable");
  });

  it("when a write that was never acknowledged was applied late, or not at all", () => {
    expect(verdictOf(set("a", 0), miss(5, 6), hit("a", 100, 101))).toBe("linearizable");
    expect(verdictOf(set("a", 0), set("b", 1, 2), hit("b", 100, 101))).toBe("linearizable");
  });

  it("when a delete that was never acknowledged explains a miss much later", () => {
    const history = [set("a", 0, 1), remove(2), hit("a", 50, 51), miss(100, 101)];
    expect(verdictOf(...history)).toBe("linearizable");
  });

  it("when a value with a life is missed from its expiry on", () => {
    expect(verdictOf(set("a", 0, 5, 100), hit("a", 90, 91), miss(99, 100))).toBe("linearizable");
    expect(verdictOf(set("a", 0, 5, 100), hit("a", 105, 110), miss(111, 112))).toBe("linearizable");
  });

  it("when an unseen write with a life took the value away and then expired", () => {
    const history = [set("a", 0, 1), set("b", 2, undefined, 50), hit("a", 10, 11), miss(52, 53)];
    expect(verdictOf(...history)).toBe("linearizable");
  });
});

describe("a planted fault is found:", () => {
  it("a lost write", () => {
    expect(verdictOf(set("a", 0, 1), set("b", 2, 3), hit("a", 4, 5))).toBe("violation");
    expect(verdictOf(set("a", 0, 1), miss(2, 3))).toBe("violation");
  });

  it("a stale read after a newer one", () => {
    const history = [set("a", 0, 1), set("b", 2, 20), hit("b", 5, 6), hit("a", 7, 8)];
    expect(verdictOf(...history)).toBe("violation");
  });

  it("a deleted value that comes back", () => {
    expect(verdictOf(set("a", 0, 1), remove(2, 3), hit("a", 4, 5))).toBe("violation");
    const late = [set("a", 0, 1), remove(2, 9), miss(4, 5), hit("a", 6, 7)];
    expect(verdictOf(...late)).toBe("violation");
  });

  it("a write that is applied twice", () => {
    const history = [set("a", 0), set("b", 2, 3), hit("a", 4, 5), set("c", 6, 7), hit("a", 8, 9)];
    expect(verdictOf(...history)).toBe("violation");
  });

  it("a delete that is applied twice", () => {
    const history = [set("a", 0, 1), remove(2), miss(3, 4), set("b", 5, 6), miss(7, 8)];
    expect(verdictOf(...history)).toBe("violation");
  });

  it("a value that nobody wrote, or that is read before it is written", () => {
    expect(verdictOf(set("a", 0, 1), hit("x", 2, 3))).toBe("violation");
    expect(verdictOf(hit("a", 0, 1), set("a", 2, 3))).toBe("violation");
    expect(verdictOf(hit("a", 0, 1), set("a", 2))).toBe("violation");
  });

  it("a value that is missed before it can have expired, or read after it must have", () => {
    expect(verdictOf(set("a", 0, 5, 100), miss(98, 99))).toBe("violation");
    expect(verdictOf(set("a", 0, 5, 100), hit("a", 106, 107))).toBe("violation");
    expect(verdictOf(set("a", 0, 5, 100), miss(101, 102), hit("a", 103, 104))).toBe("violation");
  });

  it("a delete that explains a miss before it was invoked", () => {
    const history = [set("a", 0, 1), miss(2, 30), hit("a", 5, 6), set("b", 7, 8), remove(31)];
    expect(verdictOf(...history)).toBe("violation");
  });
});

it("gives up after its bound and says so, rather than run for ever", () => {
  const history = Array.from({ length: 16 }, (_, index) => set(`v${index}`, 0, 100));
  const verdict = checkKey([...history, hit("x", 1, 99), set("x", 0)], {
    stepsMax: 1_000,
    clockSlackMs: 0,
  });
  expect(verdict.kind).toBe("unknown");
});

it("judges twenty thousand operations of eight busy clients within a few seconds", () => {
  const history: KeyOperation[] = [];
  // Client c writes at c + 8n, each write overlaps seven others; it is read by its own client.
  for (let index = 0; index < 10_000; index += 1) {
    history.push(set(`v${index}`, index, index + 8));
    history.push(hit(`v${index}`, index + 0.5, index + 0.9));
  }
  const startedMs = performance.now();
  expect(checkKey(history).kind).toBe("linearizable");
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

describe("a wrong history is shrunk", () => {
  it("to the few operations that contradict each other", () => {
    const noise = Array.from({ length: 200 }, (_, n) => [
      set(`n${n}`, n * 10, n * 10 + 1),
      hit(`n${n}`, n * 10 + 2, n * 10 + 3),
    ]).flat();
    const wrong = [set("a", 3_000, 3_001), set("b", 3_002, 3_003), hit("a", 3_004, 3_005)];
    const small = shrink([...noise, ...wrong, set("later", 4_000, 4_001)], EXACT);
    expect(small).toEqual(wrong);
  });
});

/** Up to six operations in a small window, so that most of them overlap and clash. */
const histories = fc
  .array(
    fc.record({
      kind: fc.constantFrom("set", "set", "get", "get", "get", "delete"),
      from: fc.integer({ min: 0, max: 20 }),
      took: fc.integer({ min: 0, max: 8 }),
      isAcknowledged: fc.integer({ min: 0, max: 3 }).map((drawn) => drawn > 0),
      ttlMs: fc.option(fc.integer({ min: 2, max: 10 })),
      reads: fc.integer({ min: -2, max: 5 }),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .map((drawn) => {
    const values = drawn.flatMap(({ kind }, index) => (kind === "set" ? [`v${index}`] : []));
    return drawn.map(({ kind, from, took, isAcknowledged, ttlMs, reads }, index): KeyOperation => {
      const written = `v${index}`;
      const read = (reads < 0 ? null : values[reads % values.length]) ?? null;
      return {
        id: index,
        client: index,
        kind: kind === "set" || kind === "get" ? kind : "delete",
        value: kind === "set" ? written : kind === "get" ? read : null,
        ttlMs: kind === "set" ? ttlMs : null,
        invokedMs: from,
        returnedMs: isAcknowledged ? from + took : null,
      };
    });
  });

it("agrees with the definition on every small history", () => {
  let wrong = 0;
  fc.assert(
    fc.property(histories, (history) => {
      const expected = isLinearizable(history, EXACT);
      if (!expected) wrong += 1;
      expect(checkKey(history, EXACT).kind).toBe(expected ? "linearizable" : "violation");
    }),
    { numRuns: 20_000, seed: 7 },
  );
  // Both kinds must come up often, or the comparison says little.
  expect(wrong).toBeGreaterThan(5_000);
  expect(wrong).toBeLessThan(15_000);
});

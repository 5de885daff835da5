import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SLOT_COUNT } from "../lib/limits.ts";
import {
  assignDrain,
  assignRebalance,
  assignRegister,
  exactShares,
  type Member,
  type SlotMove,
  slotsOf,
  UNOWNED,
  wholeShares,
} from "./slot-assignment.ts";

const weights = (max: number, maxWeight = 100) =>
  fc.array(fc.integer({ min: 1, max: maxWeight }), { minLength: 1, maxLength: max });

const members = (list: readonly number[], firstId = 0): Member[] =>
  list.map((weight, index) => ({ id: firstId + index, weight }));

function emptyOwners(): Int16Array {
  return new Int16Array(SLOT_COUNT).fill(UNOWNED);
}

function apply(owners: Int16Array, moves: readonly SlotMove[]): Int16Array {
  const next = owners.slice();
  const wrong = moves.filter((move) => {
    const isOwner = next[move.slot] === (move.source ?? UNOWNED);
    next[move.slot] = move.target;
    return !isOwner;
  });
  expect(wrong, "moves whose source does not own the slot").toEqual([]);
  return next;
}

function cluster(list: readonly number[]): { owners: Int16Array; shards: Member[] } {
  const shards = members(list);
  return { owners: apply(emptyOwners(), assignRegister(emptyOwners(), [], shards)), shards };
}

function deviationMax(owners: Int16Array, shards: readonly Member[]): number {
  const exact = exactShares(shards.map((shard) => shard.weight));
  return Math.max(
    ...shards.map((shard, index) =>
      Math.abs(slotsOf(owners, shard.id).length - (exact[index] ?? 0)),
    ),
  );
}

describe("whole shares", () => {
  test("add up and lie within one slot of the exact ones", () => {
    fc.assert(
      fc.property(weights(256), (list) => {
        const exact = exactShares(list);
        const whole = wholeShares(list);
        expect(whole.reduce((sum, share) => sum + share, 0)).toBe(SLOT_COUNT);
        whole.forEach((share, index) => {
          expect(Math.abs(share - (exact[index] ?? 0))).toBeLessThan(1);
        });
      }),
    );
  });

  test("of three equals are 5462, 5461 and 5461", () => {
    expect(wholeShares([1, 1, 1])).toEqual([5462, 5461, 5461]);
  });
});

describe("the first shards", () => {
  test("get every slot at once, each one run of neighbours", () => {
    fc.assert(
      fc.property(weights(16), (list) => {
        const { owners, shards } = cluster(list);
        expect(slotsOf(owners, UNOWNED)).toEqual([]);
        expect(deviationMax(owners, shards)).toBeLessThan(1);
        let changes = 0;
        for (let slot = 1; slot < SLOT_COUNT; slot++) {
          if (owners[slot] !== owners[slot - 1]) changes += 1;
        }
        expect(changes).toBeLessThan(list.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe("registering", () => {
  test("shard n + 1 of equals moves at most 1/(n + 1) of the slots and half a point", () => {
    let shards = members([1]);
    let owners = cluster([1]).owners;
    for (let n = 1; n < 64; n++) {
      const newcomer = { id: n, weight: 1 };
      const moves = assignRegister(owners, shards, [newcomer]);
      expect(moves.length / SLOT_COUNT).toBeLessThanOrEqual(1 / (n + 1) + 0.005);
      owners = apply(owners, moves);
      shards = [...shards, newcomer];
      expect(deviationMax(owners, shards)).toBeLessThan(1);
    }
  });

  test("moves no more than the newcomers' shares, only to newcomers, and is fair after it", () => {
    fc.assert(
      fc.property(weights(24), weights(16), (old, fresh) => {
        const { owners, shards } = cluster(old);
        const joining = members(fresh, old.length);
        const moves = assignRegister(owners, shards, joining);
        const total = [...old, ...fresh].reduce((sum, weight) => sum + weight, 0);
        const share = fresh.reduce((sum, weight) => sum + weight, 0) / total;
        expect(moves.length).toBeLessThan(SLOT_COUNT * share + fresh.length);
        expect(moves.every((move) => move.target >= old.length)).toBe(true);
        expect(deviationMax(apply(owners, moves), [...shards, ...joining])).toBeLessThan(1);
      }),
      { numRuns: 100 },
    );
  });

  test("takes from those that have too much first, when a hand-over fell short before", () => {
    const owners = new Int16Array(SLOT_COUNT).fill(0);
    owners.fill(1, 0, 100);
    const moves = assignRegister(owners, members([1, 1]), [{ id: 2, weight: 1 }]);
    expect(moves).toHaveLength(5461);
    expect(moves.every((move) => move.source === 0)).toBe(true);
  });

  test("gives the same moves for the same owners", () => {
    fc.assert(
      fc.property(weights(8), weights(4), (old, fresh) => {
        const { owners, shards } = cluster(old);
        const joining = members(fresh, old.length);
        expect(assignRegister(owners, shards, joining)).toEqual(
          assignRegister(owners.slice(), shards, joining),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe("draining", () => {
  test("moves the leaver's slots, each once, and no other, and is fair after it", () => {
    fc.assert(
      fc.property(weights(24), fc.nat(), (list, pick) => {
        const { owners, shards } = cluster([...list, 7]);
        const leaver = pick % shards.length;
        const survivors = shards.filter((shard) => shard.id !== leaver);
        const moves = assignDrain(owners, leaver, survivors);
        expect(moves.map((move) => move.slot).toSorted((a, b) => a - b)).toEqual(
          slotsOf(owners, leaver),
        );
        const after = apply(owners, moves);
        expect(slotsOf(after, leaver)).toEqual([]);
        expect(deviationMax(after, survivors)).toBeLessThan(1.5);
      }),
      { numRuns: 100 },
    );
  });

  test("of the only shard has nowhere to go", () => {
    const { owners } = cluster([1]);
    expect(assignDrain(owners, 0, [])).toEqual([]);
  });
});

function totalOf(list: readonly number[]): number {
  return list.reduce((total, one) => total + one, 0);
}

describe("rebalancing", () => {
  /** Any owners at all, dealt by random bounds. */
  const owned = weights(12).chain((list) =>
    fc
      .array(fc.integer({ min: 0, max: SLOT_COUNT }), {
        minLength: list.length - 1,
        maxLength: list.length - 1,
      })
      .map((bounds) => {
        const ends = [...bounds.toSorted((a, b) => a - b), SLOT_COUNT];
        const owners = new Int16Array(SLOT_COUNT);
        ends.forEach((end, id) => owners.fill(id, ends[id - 1] ?? 0, end));
        return { owners, shards: members(list) };
      }),
  );

  test("brings every share within one slot of the ideal, with as few moves as there can be", () => {
    fc.assert(
      fc.property(owned, ({ owners, shards }) => {
        const moves = assignRebalance(owners, shards);
        const after = apply(owners, moves);
        expect(deviationMax(after, shards)).toBeLessThan(1);
        const exact = exactShares(shards.map((shard) => shard.weight));
        const held = shards.map((shard) => slotsOf(owners, shard.id).length);
        // Whoever is over must give what is above its share rounded up; whoever is under must take
        // what is missing to its share rounded down; and each move is one giving and one taking.
        const over = held.map((count, at) => Math.max(0, count - Math.ceil(exact[at] ?? 0)));
        const under = held.map((count, at) => Math.max(0, Math.floor(exact[at] ?? 0) - count));
        expect(moves.length).toBe(Math.max(totalOf(over), totalOf(under)));
      }),
      { numRuns: 300 },
    );
  });

  test("moves nothing where every share is within one slot already", () => {
    fc.assert(
      fc.property(weights(16), (list) => {
        const { owners, shards } = cluster(list);
        expect(assignRebalance(owners, shards)).toEqual([]);
      }),
    );
  });

  test("moves nothing between shards that are neither over nor under", () => {
    fc.assert(
      fc.property(owned, ({ owners, shards }) => {
        const after = apply(owners, assignRebalance(owners, shards));
        expect(assignRebalance(after, shards)).toEqual([]);
        const givers = new Set(assignRebalance(owners, shards).map((move) => move.source));
        const takers = new Set(assignRebalance(owners, shards).map((move) => move.target));
        expect([...givers].filter((giver) => giver !== null && takers.has(giver))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

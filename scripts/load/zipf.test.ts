import { expect, test } from "vitest";
import { seededRandom } from "./random.ts";
import { zipf } from "./zipf.ts";

const DRAWS = 200_000;

function shares(count: number, skew: number): number[] {
  const next = zipf(count, skew, seededRandom(42));
  const counts = Array.from({ length: count }, () => 0);
  for (let i = 0; i < DRAWS; i += 1) {
    const rank = next();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts.map((drawn) => drawn / DRAWS);
}

test("rank r comes with probability proportional to 1 over its place to the skew", () => {
  const harmonic = Array.from({ length: 10 }, (_, rank) => 1 / (rank + 1));
  const total = harmonic.reduce((sum, weight) => sum + weight, 0);
  const drawn = shares(10, 1);
  harmonic.forEach((weight, rank) => expect(drawn[rank]).toBeCloseTo(weight / total, 2));
});

test("a skew of 0 draws every key alike", () => {
  for (const share of shares(20, 0)) expect(share).toBeCloseTo(1 / 20, 2);
});

test("a single key is drawn always", () => {
  expect(shares(1, 0.99)).toEqual([1]);
});

test("the ends of the random range are the first and the last rank", () => {
  expect(zipf(1_000, 0.99, () => 0)()).toBe(0);
  expect(zipf(1_000, 0.99, () => 1 - Number.EPSILON)()).toBe(999);
});

const ranks = (seed: number) => {
  const next = zipf(1_000, 0.99, seededRandom(seed));
  return Array.from({ length: 50 }, () => next());
};

test("the same seed draws the same ranks, another seed others", () => {
  expect(ranks(7)).toEqual(ranks(7));
  expect(ranks(7)).not.toEqual(ranks(8));
});

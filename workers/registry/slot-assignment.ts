import { SLOT_COUNT } from "../lib/limits.ts";

/**
 * Which slots change hands when shards come and go. Pure and deterministic: the same owners give
 * the same moves, so a plan can be made again when it is started.
 *
 * Slots are assigned, not hashed to shards. Newcomers take their weighted share from those that
 * have the most above theirs, a leaver's slots go to those that have the least, and nothing moves
 * between survivors: so there are as few moves as there can be.
 */
export interface Member {
  /** What the owners array calls it. */
  id: number;
  weight: number;
}

export interface SlotMove {
  slot: number;
  /** Null: the slot had no owner, which is so for all of them until the first shard comes. */
  source: number | null;
  target: number;
}

export const UNOWNED = -1;

/** How many slots each weight deserves, fractions included. */
export function exactShares(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (SLOT_COUNT * weight) / total);
}

/**
 * Whole slots by the largest-remainder method: each share is its exact one rounded down or up,
 * and they add up. Of equal remainders the earlier one wins.
 * Source: Hamilton's method, https://en.wikipedia.org/wiki/Quota_method
 */
export function wholeShares(weights: readonly number[]): number[] {
  const exact = exactShares(weights);
  const whole = exact.map(Math.floor);
  const left = exact.length === 0 ? 0 : SLOT_COUNT - whole.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) whole[index] = (whole[index] ?? 0) + 1;
  return whole;
}

/** The moves that bring `joining` in. `survivors` are the members that may give. */
export function assignRegister(
  owners: ArrayLike<number>,
  survivors: readonly Member[],
  joining: readonly Member[],
): SlotMove[] {
  const weights = [...survivors, ...joining].map((member) => member.weight);
  const wanted = wholeShares(weights).slice(survivors.length);
  const exact = exactShares(weights).slice(0, survivors.length);

  const pool: { slot: number; source: number | null }[] = slotsOf(owners, UNOWNED).map((slot) => ({
    slot,
    source: null,
  }));
  const toTake = wanted.reduce((sum, share) => sum + share, 0) - pool.length;
  const held = survivors.map((member) => slotsOf(owners, member.id));
  const given = spread(
    toTake,
    held.map((slots, index) => slots.length - (exact[index] ?? 0)),
  );
  survivors.forEach((member, index) => {
    const slots = held[index] ?? [];
    // The highest slots go, so that what stays is one run and the slot map stays readable.
    const leaving = slots.slice(slots.length - (given[index] ?? 0));
    for (const slot of leaving) pool.push({ slot, source: member.id });
  });

  return dealOut(pool, joining, wanted);
}

/** The moves that empty `leaver`. Every one of its slots moves, and no other. */
export function assignDrain(
  owners: ArrayLike<number>,
  leaver: number,
  survivors: readonly Member[],
): SlotMove[] {
  const pool = slotsOf(owners, leaver).map((slot) => ({ slot, source: leaver }));
  if (survivors.length === 0) return [];
  const exact = exactShares(survivors.map((member) => member.weight));
  const missing = survivors.map(
    (member, index) => (exact[index] ?? 0) - slotsOf(owners, member.id).length,
  );
  return dealOut(pool, survivors, spread(pool.length, missing));
}

/**
 * The moves that bring every member within one slot of its exact share, as few as there can be.
 * A share may be its exact one rounded down or up; each member is given the rounding that is nearer
 * to what it holds, and only where that does not add up are the cheapest roundings turned over.
 */
export function assignRebalance(owners: ArrayLike<number>, members: readonly Member[]): SlotMove[] {
  const held = members.map((member) => slotsOf(owners, member.id));
  const wanted = nearestShares(
    held.map((slots) => slots.length),
    exactShares(members.map((member) => member.weight)),
  );
  const pool: { slot: number; source: number | null }[] = [];
  members.forEach((member, index) => {
    for (const slot of (held[index] ?? []).slice(wanted[index] ?? 0)) {
      pool.push({ slot, source: member.id });
    }
  });
  const missing = held.map((slots, index) => Math.max(0, (wanted[index] ?? 0) - slots.length));
  return dealOut(pool, members, missing);
}

/** Whole shares that add up, each its exact one rounded down or up, nearest to what is held. */
function nearestShares(held: readonly number[], exact: readonly number[]): number[] {
  const total = held.reduce((sum, count) => sum + count, 0);
  const shares = held.map((count, index) => {
    const share = exact[index] ?? 0;
    return Math.min(Math.max(count, Math.floor(share)), Math.ceil(share));
  });
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .toSorted((a, b) => a.remainder - b.remainder || b.index - a.index);
  let left = total - shares.reduce((sum, share) => sum + share, 0);
  // Too many: the smallest remainders are rounded down after all. Too few: the largest ones up.
  for (const { index } of left < 0 ? byRemainder : byRemainder.toReversed()) {
    const [share, ideal] = [shares[index] ?? 0, exact[index] ?? 0];
    const other = left < 0 ? Math.floor(ideal) : Math.ceil(ideal);
    const step = left < 0 ? -1 : 1;
    if (left === 0 || share + step !== other) continue;
    shares[index] = other;
    left -= step;
  }
  return shares;
}

/** The slots of one owner, ascending. */
export function slotsOf(owners: ArrayLike<number>, id: number): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < owners.length; slot++) {
    if (owners[slot] === id) slots.push(slot);
  }
  return slots;
}

/**
 * Deals `units` out one by one, each to whoever has the largest surplus left, the earlier one of
 * equals: that keeps the largest deviation from the exact shares as small as it can be.
 */
function spread(units: number, surplus: readonly number[]): number[] {
  const left = [...surplus];
  const dealt = left.map(() => 0);
  for (let unit = 0; unit < units; unit++) {
    let best = 0;
    for (let index = 1; index < left.length; index++) {
      if ((left[index] ?? 0) > (left[best] ?? 0)) best = index;
    }
    left[best] = (left[best] ?? 0) - 1;
    dealt[best] = (dealt[best] ?? 0) + 1;
  }
  return dealt;
}

function dealOut(
  pool: readonly { slot: number; source: number | null }[],
  targets: readonly Member[],
  counts: readonly number[],
): SlotMove[] {
  const moves: SlotMove[] = [];
  let next = 0;
  targets.forEach((target, index) => {
    const end = next + (counts[index] ?? 0);
    for (const { slot, source } of pool.slice(next, end)) {
      moves.push({ slot, source, target: target.id });
    }
    next = end;
  });
  return moves;
}

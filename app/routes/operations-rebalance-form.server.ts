import type { WeightChange } from "../../workers/contracts.ts";
import { SHARD_NAME_PATTERN } from "../../workers/lib/names.ts";
import { WEIGHT_MAX } from "../../workers/registry/input.ts";

const FIELD_PREFIX = "weight-";
const WEIGHT_PATTERN = /^\d{1,3}$/;

/** What stands in the fields, by shard, as it was sent or is suggested. */
export type WeightFields = Record<string, string>;

export type WeightsAnswer =
  | { kind: "weights"; weights: { shard: string; weight: number }[] }
  | { kind: "bad"; errors: Record<string, string> };

/** `weight-north=2` in a form or an address; names that could be no shard's are left out. */
export function weightFieldsFrom(pairs: Iterable<[string, string]>): WeightFields {
  const fields: [string, string][] = [];
  for (const [name, value] of pairs) {
    const shard = name.startsWith(FIELD_PREFIX) ? name.slice(FIELD_PREFIX.length) : "";
    if (SHARD_NAME_PATTERN.test(shard)) fields.push([shard, value.slice(0, 20)]);
  }
  return Object.fromEntries(fields);
}

/** Every weight that was sent. Those that are as they were count as no change to the registry. */
export function weightsFrom(fields: WeightFields): WeightsAnswer {
  const entries = Object.entries(fields).map(([shard, text]) => [shard, text.trim()] as const);
  const bad = entries.filter(([, text]) => !isWeight(text));
  if (bad.length > 0) {
    const message = `A whole number from 1 to ${WEIGHT_MAX}.`;
    return { kind: "bad", errors: Object.fromEntries(bad.map(([shard]) => [shard, message])) };
  }
  return {
    kind: "weights",
    weights: entries.map(([shard, text]) => ({ shard, weight: Number(text) })),
  };
}

/** The form with these weights in it. */
export function rebalanceHref(weights: readonly WeightChange[]): string {
  const params = new URLSearchParams(
    weights.map(({ shard, after }) => [`${FIELD_PREFIX}${shard}`, String(after)]),
  );
  return `/operations/rebalance?${params.toString()}`;
}

function isWeight(text: string): boolean {
  return WEIGHT_PATTERN.test(text) && Number(text) >= 1 && Number(text) <= WEIGHT_MAX;
}

import { data, redirect } from "react-router";
import type { Actor } from "../../workers/contracts.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { own } from "../own.ts";
import { makePlan, type PlanFailure } from "../plan.server.ts";
import {
  type WeightFields,
  weightFieldsFrom,
  weightsFrom,
} from "./operations-rebalance-form.server.ts";

export interface WeightLine {
  shard: string;
  slots: number;
  weight: number;
  /** What the field begins with. */
  suggested: string;
}

/** Why there is no plan; `fields` as they were sent. */
export interface RebalanceFailure {
  fields: WeightFields;
  errors: Record<string, string>;
  plan: PlanFailure | null;
}

/** Active shards; those that the address names stand first. */
export async function readWeights(env: Env, searchParams: URLSearchParams) {
  const asked = weightFieldsFrom(searchParams);
  const named = searchParams.get("shard");
  return askRegistry(env, async (registry): Promise<WeightLine[]> => {
    const { shards } = await registry.topology();
    return shards
      .filter(({ state }) => state === "active")
      .map(({ name: shard, slots, weight }) => {
        return { shard, slots, weight, suggested: own(asked, shard) ?? String(weight) };
      })
      .toSorted((a, b) => Number(b.shard === named) - Number(a.shard === named));
  });
}

export async function planRebalance(env: Env, actor: Actor, given: Record<string, string>) {
  const fields = weightFieldsFrom(Object.entries(given));
  const parsed = weightsFrom(fields);
  if (parsed.kind === "bad") return failure(400, { fields, errors: parsed.errors });
  const request = { kind: "rebalance", weights: parsed.weights } as const;
  const outcome = await makePlan(env, actor, request, given);
  if (outcome.kind === "planned") return redirect(outcome.href, 303);
  return failure(outcome.status, { fields, plan: outcome.failure });
}

function failure(status: number, told: Partial<RebalanceFailure>) {
  return data<RebalanceFailure>({ fields: {}, errors: {}, plan: null, ...told }, { status });
}

import type { Plan } from "../../contracts/operations.ts";
import type { StoredOperation } from "../operations-store.ts";
import type { Attempt, RegistryState } from "../registry-state.ts";
import type { Work } from "../sources-store.ts";
import { begin } from "./begin.ts";
import type { Intent } from "./intent.ts";
import { forgetRemoval } from "./removal-store.ts";
import { NO_WORK } from "./work.ts";

/** Transfers that the audit trail spells out; the plan has them all. */
const TRANSFERS_TOLD_MAX = 32;

/** Nothing refuses any more: the operation and the event that tells it, in one transaction. */
export function carryOut(
  state: RegistryState,
  plan: Plan,
  intent: Intent,
  attempt: Attempt,
): StoredOperation {
  const { world } = state;
  const { actor, reason } = attempt;
  const beginning = { intent, planId: plan.id, actor, reason, amounts: amountsOf(plan) };
  const before = { epoch: world.epoch, shards: [...world.byName.keys()] };
  const operation = state.changeWorld(() => {
    const begun = begin(state, world, beginning);
    state.tellDone(attempt, before, told(plan, begun));
    if (plan.kind === "remove") forgetRemoval(state.sql);
    return begun;
  });
  state.flights.clear();
  if (plan.kind === "remove") for (const id of goneIds(world, plan)) state.breakers.forget(id);
  state.observer.changed("operation");
  state.observer.reached("registry:started");
  return operation;
}

/** By source, what the plan counted. */
export function amountsOf({ transfers }: Plan): Map<string, Work> {
  const amounts = new Map<string, Work>();
  for (const { source, slots, entries, bytes, logs } of transfers) {
    if (source === null) continue;
    const sum = amounts.get(source) ?? NO_WORK;
    amounts.set(source, {
      slots: sum.slots + slots,
      entries: sum.entries + entries,
      bytes: sum.bytes + bytes,
      logs: sum.logs + logs,
    });
  }
  return amounts;
}

function goneIds(world: RegistryState["world"], { shards }: Plan): number[] {
  return shards.flatMap((name) => world.byName.get(name)?.id ?? []);
}

function told(plan: Plan, { id, epoch, slotsTotal }: StoredOperation) {
  const { specs, weights, overrides, loss, undoes } = plan;
  const transfers = plan.transfers.slice(0, TRANSFERS_TOLD_MAX);
  const kind = { operation: id, epoch, slotsTotal, specs, transfers };
  const rest = { weights, overrides, loss, undoes };
  return { ...kind, ...rest };
}

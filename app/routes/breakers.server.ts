import { data, redirect } from "react-router";
import { may, refusalSentence } from "../../workers/auth/roles.ts";
import type { BreakerView, Role, Topology } from "../../workers/contracts.ts";
import { SLOT_COUNT } from "../../workers/lib/limits.ts";
import { askRegistry } from "../ask-registry.server.ts";
import type { SignedInOperator } from "../auth.server.ts";
import { byUrgency } from "../components/breakers/judgement.ts";
import { readFormFields } from "../form-fields.server.ts";
import { type BreakersQuery, type OrderFailure, readOrderForm } from "./breakers-order.server.ts";

/** Transitions shown of a breaker that nobody has chosen; the chosen one shows all it has. */
const TRANSITIONS_SHOWN = 3;

/** A breaker with what an order to it would touch. */
export interface BreakerLine extends BreakerView {
  slots: number;
  slotsShare: number;
  transitionsKept: number;
}

export interface BreakersPage {
  /** What needs a person first. */
  breakers: BreakerLine[];
  nowMs: number;
}

/** Every breaker as the registry sees it now. Looking changes no state. */
export async function readBreakers(env: Env, { shard }: BreakersQuery, nowMs: number) {
  return await askRegistry(env, async (registry): Promise<BreakersPage> => {
    const [views, topology] = await Promise.all([registry.breakers(), registry.topology()]);
    const lines = views.map((view) => lineOf(view, topology, view.shard === shard));
    return { breakers: lines.toSorted(byUrgency), nowMs };
  });
}

/** Whether this operator may give orders; if not, the sentence that says who may. */
export function orderingRight(role: Role): { mayOrder: true } | { mayOrder: false; why: string } {
  if (may(role, "trip")) return { mayOrder: true };
  return { mayOrder: false, why: refusalSentence(role, "trip") };
}

/** Gives the order that the form holds; answers with the page to go to, or with what was wrong. */
export async function giveOrder(env: Env, request: Request, operator: SignedInOperator) {
  const fields = await readFormFields(request);
  const answer = readOrderForm(fields ?? {}, Date.now());
  if (answer.kind === "invalid") return data(answer.failure, { status: 400 });
  const { order } = answer;
  const given = await askRegistry(env, (registry) => registry.setBreaker(order, operator.actor));
  const failure = (formError: string): OrderFailure => ({
    shard: order.shard,
    order: order.action,
    reason: order.reason,
    fieldErrors: {},
    formError,
  });
  if (given.kind === "failed") {
    const sentence =
      "The registry did not answer, so it is not known whether the order was carried out. " +
      `Look at the breaker's state below before you try again. (${given.error})`;
    return data(failure(sentence), { status: 503 });
  }
  if (given.value.kind === "refused") return data(failure(given.value.message), { status: 409 });
  return redirect(`/breakers?shard=${order.shard}&done=${order.action}`);
}

function lineOf(view: BreakerView, topology: Topology, isChosen: boolean): BreakerLine {
  const slots = topology.shards.find(({ name }) => name === view.shard)?.slots ?? 0;
  return {
    ...view,
    transitions: isChosen ? view.transitions : view.transitions.slice(0, TRANSITIONS_SHOWN),
    transitionsKept: view.transitions.length,
    slots,
    slotsShare: slots / SLOT_COUNT,
  };
}

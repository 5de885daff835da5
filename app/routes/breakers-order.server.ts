import { z } from "zod";
import type { BreakerOrder } from "../../workers/contracts.ts";
import { HOUR_MS, MINUTE_MS } from "../../workers/lib/clock.ts";
import { SHARD_NAME_PATTERN } from "../../workers/lib/names.ts";
import { REASON_LENGTH_MAX } from "../../workers/registry/input.ts";
import { EXPIRIES, type Expiry, ORDERS, type OrderAction } from "../components/breakers/orders.ts";

/** What the form shows after it was sent in vain. */
export interface OrderFailure {
  shard: string;
  order: OrderAction | null;
  reason: string;
  fieldErrors: { reason?: string; expiry?: string };
  formError: string | null;
}

export type OrderFormAnswer =
  | { kind: "order"; order: BreakerOrder }
  | { kind: "invalid"; failure: OrderFailure };

const EXPIRY_MS: Record<Expiry, number | null> = {
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  none: null,
};

const orderSchema = z.enum(ORDERS);
const shardSchema = z.string().regex(SHARD_NAME_PATTERN);

const formSchema = z.object({
  reason: z
    .string("Say why, for the audit trail.")
    .trim()
    .min(1, "Say why, for the audit trail.")
    .max(REASON_LENGTH_MAX, `At most ${REASON_LENGTH_MAX} characters.`),
  expiry: z.enum(EXPIRIES, "Choose how long it lasts."),
});

/** What the address asks to see: one shard, and the order that waits for confirmation. */
export interface BreakersQuery {
  shard: string | null;
  order: OrderAction | null;
  /** The order that was carried out just now. */
  done: OrderAction | null;
  /** A sentence about what could not be understood; null: all of it was. */
  problem: string | null;
}

export function readBreakersQuery(url: URL): BreakersQuery {
  const given = (name: string) => url.searchParams.get(name) || null;
  const shard = shardSchema.nullable().safeParse(given("shard"));
  const order = orderSchema.nullable().safeParse(given("order"));
  const done = orderSchema.nullable().safeParse(given("done"));
  return {
    shard: shard.data ?? null,
    order: shard.data ? (order.data ?? null) : null,
    done: shard.data ? (done.data ?? null) : null,
    problem: problemOf({ shard: shard.success, order: order.success, named: !!shard.data }, given),
  };
}

function problemOf(
  good: { shard: boolean; order: boolean; named: boolean },
  given: (name: string) => string | null,
): string | null {
  if (!good.shard) return "The address names no shard that could exist.";
  if (!good.order) return `There is no such order. Choose ${ORDERS.join(", ")}.`;
  if (given("order") !== null && !good.named) return "An order needs a shard: choose one below.";
  return null;
}

/** Reads the confirmed order out of the form; says beside which field what is wrong. */
export function readOrderForm(fields: Record<string, string>, nowMs: number): OrderFormAnswer {
  const shard = shardSchema.safeParse(fields["shard"]);
  const order = orderSchema.safeParse(fields["order"]);
  // A reset never ends, so its form does not ask.
  const expiry = order.data === "reset" ? "none" : fields["expiry"];
  const parsed = formSchema.safeParse({ reason: fields["reason"], expiry });
  if (shard.success && order.success && parsed.success) {
    const lastsMs = EXPIRY_MS[parsed.data.expiry];
    const expiresAtMs = lastsMs === null ? null : nowMs + lastsMs;
    const { reason } = parsed.data;
    const asked = { shard: shard.data, action: order.data, reason, expiresAtMs };
    return { kind: "order", order: asked };
  }
  const errors = parsed.success ? {} : z.flattenError(parsed.error).fieldErrors;
  const [reasonError] = errors.reason ?? [];
  const [expiryError] = errors.expiry ?? [];
  const isKnown = shard.success && order.success;
  const failure: OrderFailure = {
    shard: shard.data ?? "",
    order: order.data ?? null,
    reason: (fields["reason"] ?? "").slice(0, REASON_LENGTH_MAX),
    fieldErrors: {
      ...(reasonError !== undefined && { reason: reasonError }),
      ...(expiryError !== undefined && { expiry: expiryError }),
    },
    formError: isKnown ? null : "This is no order to a breaker. Begin again from the list.",
  };
  return { kind: "invalid", failure };
}

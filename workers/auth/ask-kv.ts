import { SECOND_MS } from "../lib/clock.ts";
import { withinMs } from "../lib/within-ms.ts";

/** A page says that KV does not answer, rather than wait longer. */
const KV_TIMEOUT_MS = 3 * SECOND_MS;

export type KvAnswer<Value> = { kind: "answered"; value: Value } | { kind: "failed" };

/** Reads or writes Workers KV within 3 s; never rejects. A late write may still be kept. */
export async function askKv<Value>(question: () => Promise<Value>): Promise<KvAnswer<Value>> {
  try {
    return { kind: "answered", value: await withinMs(KV_TIMEOUT_MS, question()) };
  } catch {
    return { kind: "failed" };
  }
}

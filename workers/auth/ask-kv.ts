import { SECOND_MS } from "../lib/clock.ts";

/** A page says that KV does not answer, rather than wait longer. */
const KV_TIMEOUT_MS = 3 * SECOND_MS;

export type KvAnswer<Value> = { kind: "answered"; value: Value } | { kind: "failed" };

/** Reads or writes Workers KV within 3 s; never rejects. A late write may still be kept. */
export async function askKv<Value>(question: () => Promise<Value>): Promise<KvAnswer<Value>> {
  const { promise, resolve } = Promise.withResolvers<KvAnswer<Value>>();
  const timer = setTimeout(() => resolve({ kind: "failed" }), KV_TIMEOUT_MS);
  try {
    const answer = question().then((value) => ({ kind: "answered" as const, value }));
    return await Promise.race([answer, promise]);
  } catch {
    return { kind: "failed" };
  } finally {
    clearTimeout(timer);
  }
}

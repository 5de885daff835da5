import type { ShardRegistryApi } from "../workers/contracts.ts";
import { startTimer } from "../workers/cache/collaborators.ts";
import { guardedCall } from "../workers/cache/guarded-call.ts";
import { systemClock } from "../workers/lib/clock.ts";
import { registryOf } from "../workers/registry/registry-stub.ts";

/** A page says that the registry does not answer, rather than wait longer. */
const REGISTRY_TIMEOUT_MS = 3_000;

export type RegistryAnswer<Value> =
  | { kind: "answered"; value: Value }
  /** `error` is the platform's own sentence. */
  | { kind: "failed"; error: string };

/** Asks the registry with a fresh stub, within 3 s unless told otherwise; never rejects. */
export async function askRegistry<Value>(
  env: Env,
  question: (registry: ShardRegistryApi) => Promise<Value>,
  timeoutMs: number = REGISTRY_TIMEOUT_MS,
): Promise<RegistryAnswer<Value>> {
  const ended = await guardedCall(
    () => question(registryOf(env)),
    { timeoutMs, slowMs: null },
    { nowMs: systemClock, startTimer },
  );
  if (ended.kind === "failed") return { kind: "failed", error: ended.error };
  return { kind: "answered", value: ended.answer };
}

import type { Client } from "../run/client.ts";
import { keysOf, UNDISTURBED, type WorkloadOptions } from "../run/workload.ts";

const FILL_LANES = 16;

/** Writes every key of a workload once. */
export async function fill(client: Client, workload: WorkloadOptions): Promise<void> {
  const keys = keysOf(workload).values();
  await Promise.all(
    Array.from({ length: FILL_LANES }, async () => {
      for (const key of keys) {
        await client.carryOut({ ...UNDISTURBED, kind: "set", key, ttlSeconds: null });
      }
    }),
  );
}

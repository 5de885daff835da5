import { seededRandom } from "../../load/random.ts";
import type { Client } from "../run/client.ts";
import { Workload, type WorkloadOptions } from "../run/workload.ts";

/** So many clients, each of which sends its next request as soon as the last is answered. */
export function startTraffic(
  count: number,
  clientOf: (index: number) => Client,
  workload: WorkloadOptions,
  goesOn: () => boolean,
): Promise<void>[] {
  return Array.from({ length: count }, async (_, index) => {
    const draws = new Workload(seededRandom(100 + index), workload);
    const client = clientOf(index);
    while (goesOn()) await client.carryOut(draws.next());
  });
}

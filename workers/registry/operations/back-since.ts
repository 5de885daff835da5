import type { Plan } from "../../contracts/operations.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { withinMs } from "../../lib/within-ms.ts";
import type { ShardPorts } from "./measure.ts";

/** A shard that is back answers within moments; one that is gone is not waited for. */
const ASKED_MS_MAX = SECOND_MS;

/**
 * A sentence where a shard that is to be removed by force did not answer when the plan was made, and
 * does now: what would be lost is not what the plan says, and the shard can be drained instead.
 */
export async function backSince(plan: Plan, ports: Pick<ShardPorts, "stats">): Promise<string[]> {
  const { loss, shards, createdAtMs } = plan;
  if (loss === null || loss.asOfMs === createdAtMs) return [];
  const asked = shards.map((shard) => withinMs(ASKED_MS_MAX, ports.stats(shard)));
  const answers = await Promise.allSettled(asked);
  const back = shards.filter((_, index) => answers[index]?.status === "fulfilled");
  return back.map((shard) => `${shard} did not answer, and does now.`);
}

import { formatBytes } from "../../../words/bytes.ts";
import type { Plan } from "../../contracts/operations.ts";
import type { ShardPorts } from "./measure.ts";

/**
 * Sentences about targets that have filled up since the plan was made, so that what it brings would
 * not fit any more; none: all of it fits, or the plan was made although it does not. A target that
 * does not answer is left to the operation, which waits for it.
 */
export async function filledSince(plan: Plan, ports: Pick<ShardPorts, "stats">): Promise<string[]> {
  if (plan.overrides.includes("target-over-capacity")) return [];
  const newcomers = new Set(plan.specs.map((spec) => spec.name));
  const fills = plan.fills.filter((fill) => !newcomers.has(fill.shard));
  const stats = await Promise.allSettled(fills.map((fill) => ports.stats(fill.shard)));
  return fills.flatMap(({ shard, capacityBytes, bytesBefore, bytesAfter }, index) => {
    const now = stats[index];
    if (now?.status !== "fulfilled") return [];
    const { entryBytes } = now.value;
    const coming = bytesAfter - bytesBefore;
    if (coming === 0 || entryBytes + coming <= capacityBytes) return [];
    const held = `${shard} held ${formatBytes(bytesBefore)} and holds ${formatBytes(entryBytes)} now`;
    const after = `${formatBytes(entryBytes + coming)} of at most ${formatBytes(capacityBytes)}`;
    return [`${held}; it would hold ${after}.`];
  });
}

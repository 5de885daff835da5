import { counted, formatCount } from "../../../words/counts.ts";
import type { SlotTransfer } from "../../contracts/operations.ts";
import type { Measures } from "./measure.ts";

/**
 * A sentence for each shard that would get more logs than it keeps of drained shards, and that would
 * therefore drop the oldest of them. Whoever does not say what it holds is taken for full. Logs that
 * are there already, of an earlier attempt, count twice: better too careful than one lost.
 */
export function logLosses(
  transfers: readonly SlotTransfer[],
  { targets }: Pick<Measures, "targets">,
): string[] {
  const takers = Map.groupBy(
    transfers.filter((transfer) => transfer.logs > 0),
    (transfer) => transfer.target,
  );
  return [...takers].flatMap(([shard, incoming]) => {
    const logs = incoming.reduce((sum, transfer) => sum + transfer.logs, 0);
    const figures = targets.get(shard);
    if (figures === undefined) {
      const sentence = `It is not known whether ${shard} has room for ${counted(logs, "usage log")}`;
      return [`${sentence}; as many could be lost.`];
    }
    const { logsAdopted, logsAdoptedMax } = figures;
    const over = logsAdopted + logs - logsAdoptedMax;
    if (over <= 0) return [];
    const held = `${counted(logsAdopted + logs, "usage log")} of other shards of at most ${formatCount(logsAdoptedMax)}`;
    return [`${shard} would hold ${held}; the oldest ${formatCount(over)} would be lost.`];
  });
}

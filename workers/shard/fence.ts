/** What a shard knows about one slot. */
export type Tenure =
  /** It has never heard of the slot. */
  | { kind: "unknown" }
  | { kind: "serving"; epoch: number }
  /** It gave the slot away, and is closed to every epoch below `epoch`. */
  | { kind: "released"; epoch: number };

export type Verdict =
  | "serve"
  /** Take the slot at the request's epoch, then serve. */
  | "adopt"
  /** The same, but what lies here is of an earlier tenure and must go first. */
  | "adopt-afresh"
  /** Not ours: do nothing, log nothing. */
  | "moved";

/**
 * The rule that makes a stale read or a lost write impossible.
 *
 * Only the registry mints (shard, slot, epoch), and it does so in the transaction that commits the
 * ownership; so the first request that carries a new epoch proves the commit, and no message from
 * the registry is needed. An epoch above the one being served, with no release in between, means
 * that this shard has missed a tenure: somebody else may have written the slot since, so what is
 * left of it here is never served again.
 */
export function judge(tenure: Tenure, epoch: number): Verdict {
  switch (tenure.kind) {
    case "unknown":
      return "adopt";
    case "serving":
      if (epoch === tenure.epoch) return "serve";
      return epoch > tenure.epoch ? "adopt-afresh" : "moved";
    case "released":
      return epoch >= tenure.epoch ? "adopt" : "moved";
    default:
      return tenure satisfies never;
  }
}

/**
 * What an order to release the slot below `belowEpoch` does. `close` needs a slot without live
 * entries. `done`: an earlier order has closed it already, at least as far. `keep`: the slot is
 * served at that epoch or a later one, so the order is an old one that arrives late; or an order of
 * that epoch was refused before (`keptBelow`, 0 for never).
 *
 * A refusal is as final as a release: the registry repeats an order whose answer was lost, and goes
 * on with the first answer it gets. Were a repeated order that is late still to close a slot that it
 * was refused, nobody would ever take the slot, and its owner would turn everyone away.
 */
export function judgeRelease(
  tenure: Tenure,
  keptBelow: number,
  belowEpoch: number,
): "close" | "done" | "keep" {
  switch (tenure.kind) {
    case "unknown":
      return "close";
    case "serving":
      return tenure.epoch < belowEpoch && keptBelow < belowEpoch ? "close" : "keep";
    case "released":
      return tenure.epoch < belowEpoch ? "close" : "done";
    default:
      return tenure satisfies never;
  }
}

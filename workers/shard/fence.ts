/** What a shard knows about one slot. */
export type Tenure =
  /** It has never heard of the slot. */
  | { kind: "unknown" }
  | { kind: "serving"; epoch: number }
  /** It serves, and remembers what changes, because a copy is being made. */
  | { kind: "copying"; epoch: number }
  /** The last changes are on their way: reads only. */
  | { kind: "frozen"; epoch: number }
  /** The registry has been asked to make somebody else the owner at `to`; its answer is awaited. */
  | { kind: "closed"; epoch: number; to: number }
  /** It gave the slot away, and is closed to every epoch below `epoch`. `isDirty`: entries of that
   * tenure are still here. */
  | { kind: "released"; epoch: number; isDirty: boolean }
  /** Another shard's copy lies here, hidden, for the case that `epoch` is committed. */
  | { kind: "staging"; epoch: number; isSealed: boolean };

export type Access = "read" | "write";

export type Verdict =
  | "serve"
  /** Take the slot at the request's epoch, then serve. */
  | "adopt"
  /** The same, but what lies here is of another tenure and must go first. */
  | "adopt-afresh"
  /** Nobody can be served for a moment: do nothing, log nothing. */
  | "moving"
  /** Not ours: do nothing, log nothing. */
  | "moved";

/**
 * The rule that makes a stale read or a lost write impossible.
 *
 * Only the registry mints (shard, slot, epoch), and it does so in the transaction that commits the
 * ownership; so the first request that carries a new epoch proves the commit, and no message from
 * the registry is needed. An epoch above the one being served, with no release in between, means
 * that this shard has missed a tenure: somebody else may have written the slot since, so what is
 * left of it here is never served again. A copy is adopted at the very epoch it was staged for, and
 * only when it is complete.
 */
export function judge(tenure: Tenure, epoch: number, access: Access): Verdict {
  switch (tenure.kind) {
    case "unknown":
      return "adopt";
    case "serving":
    case "copying":
      if (epoch === tenure.epoch) return "serve";
      return epoch > tenure.epoch ? "adopt-afresh" : "moved";
    case "frozen":
      if (epoch === tenure.epoch) return access === "read" ? "serve" : "moving";
      return epoch > tenure.epoch ? "adopt-afresh" : "moved";
    case "closed":
      // A higher epoch names this shard only after the registry has decided, and this shard is told
      // before it decides anything else: whatever comes first waits.
      return epoch >= tenure.epoch ? "moving" : "moved";
    case "released":
      if (epoch < tenure.epoch) return "moved";
      return tenure.isDirty ? "adopt-afresh" : "adopt";
    case "staging":
      if (epoch < tenure.epoch) return "moved";
      return epoch === tenure.epoch && tenure.isSealed ? "adopt" : "adopt-afresh";
    default:
      return tenure satisfies never;
  }
}

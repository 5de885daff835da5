/** Which slots are on their way, as the fence knows it. */
export interface SlotGuard {
  /** A copy of the slot is being made: what changes in it is written to `changed_keys`. */
  isCopying(slot: number): boolean;
  readonly hasCopying: boolean;
  /** Neither eviction nor the sweep may touch the slot. */
  isProtected(slot: number): boolean;
  readonly hasProtected: boolean;
  protectedSlots(): number[];
  /** Slots that were served, or staged, before the shard was retired: nobody will ask for them. */
  readonly hasDead: boolean;
  deadSlots(): number[];
}

/** How a shard is made to fail: every call throws, or takes longer than any caller waits. */
export type Fault = "throws" | "hangs";

/** What the wrapped shard adds to the product's own. Only the test server has it. */
export interface FaultyShard {
  setFault(fault: Fault | null): Promise<void>;
}

/** What the wrapped registry adds to the product's own: an end, as a crash brings it. */
export interface MortalRegistry {
  /** Another one each time that the object begins. */
  life(): Promise<string>;
  crash(): Promise<void>;
}

/** The text by which a test knows the failure it ordered from one that it found. */
export const FAULT_MESSAGE = "This shard was made to fail by a test.";

/** How a shard is made to fail: every call throws, or takes longer than any caller waits. */
export type Fault = "throws" | "hangs";

/** What the wrapped shard adds to the product's own. Only the test server has it. */
export interface FaultyShard {
  setFault(fault: Fault | null): Promise<void>;
}

/** The text by which a test knows the failure it ordered from one that it found. */
export const FAULT_MESSAGE = "This shard was made to fail by a test.";

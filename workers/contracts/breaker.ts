export type BreakerStateName = "closed" | "open" | "half-open" | "isolated" | "disabled";

export interface BreakerSettings {
  windowMs: number;
  /** Failures and slow calls over grants, 0…1, at which it opens. */
  failureRatioToOpen: number;
  callsMin: number;
  /** Distinct reporters of failures; fewer suffice when fewer were granted calls at all. */
  reportersMin: number;
  probesMax: number;
  probeLeaseMs: number;
  probeSuccessesToClose: number;
  openMsBase: number;
  openMsMax: number;
}

export interface BreakerView {
  shard: string;
  state: BreakerStateName;
  generation: number;
  sinceMs: number;
  window: { granted: number; failed: number; slow: number; reporters: number };
  settings: BreakerSettings;
  permitsOut: number;
  probeSuccesses: number;
  /** When the next probe may go out; null unless open. */
  probeAtMs: number | null;
  forced: { reason: string; by: string; expiresAtMs: number | null } | null;
  lastFailure: string | null;
  /** Newest first, bounded. */
  transitions: BreakerTransition[];
}

export interface BreakerTransition {
  shard: string;
  from: BreakerStateName;
  to: BreakerStateName;
  generation: number;
  atMs: number;
  reason: string;
  by: string;
}

export interface BreakerOrder {
  shard: string;
  action: "isolate" | "disable" | "reset";
  reason: string;
  /** Null: until somebody resets it. Ignored by `reset`. */
  expiresAtMs: number | null;
}

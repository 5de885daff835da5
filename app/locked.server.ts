import { MINUTE_MS, SECOND_MS } from "../workers/lib/clock.ts";
import { counted } from "./components/ui/format.ts";

/** For whoever has failed too often, at the sign-in page or at a door of the bootstrap secret. */
export function lockedSentence(retryAfterMs: number): string {
  return `Too many failed sign-ins. Try again in ${spelledOut(retryAfterMs)}.`;
}

/** The same for the audit trail. */
export function lockedReason(retryAfterMs: number): string {
  return `Locked after too many failures, for ${Math.ceil(retryAfterMs / SECOND_MS)} s more.`;
}

function spelledOut(durationMs: number): string {
  if (durationMs < MINUTE_MS) return counted(Math.ceil(durationMs / SECOND_MS), "second");
  return counted(Math.ceil(durationMs / MINUTE_MS), "minute");
}

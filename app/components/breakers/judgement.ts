import type { BreakerStateName, BreakerView } from "../../../workers/contracts.ts";
import { counted, formatCount, formatDuration, formatShare } from "../ui/format.ts";

const URGENCY: Record<BreakerStateName, number> = {
  open: 0,
  "half-open": 1,
  isolated: 2,
  disabled: 3,
  closed: 4,
};

/** What needs a person first; closed ones by how close they are to opening, then by name. */
export function byUrgency(one: BreakerView, other: BreakerView): number {
  return (
    URGENCY[one.state] - URGENCY[other.state] ||
    badShareOf(other) - badShareOf(one) ||
    (one.shard < other.shard ? -1 : 1)
  );
}

/** Failed and slow calls over granted ones, 0…1; 0 where none was granted. */
export function badShareOf({ window: { granted, failed, slow } }: BreakerView): number {
  return granted === 0 ? 0 : (failed + slow) / granted;
}

/** The window written out, so that a reader can follow why it opened, or why it has not. */
export function arithmeticOf({ window, settings }: BreakerView): { sum: string; rule: string } {
  const { granted, failed, slow, reporters } = window;
  const bad = failed + slow;
  const told = bad === 0 ? "" : `, told by ${counted(reporters, "reporter")}`;
  const sum =
    granted === 0
      ? `no calls in ${formatDuration(settings.windowMs)}`
      : `${formatCount(bad)} of ${counted(granted, "call")} failed or were slow = ` +
        `${formatShare(bad, granted)}${told}`;
  const rule =
    `opens at ${formatShare(settings.failureRatioToOpen, 1)} with at least ` +
    `${counted(settings.callsMin, "call")} in ${formatDuration(settings.windowMs)}, ` +
    `from ${counted(settings.reportersMin, "reporter")}`;
  return { sum, rule };
}

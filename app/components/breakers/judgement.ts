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

/** Failed and slow calls over all, 0…1; 0 where there was none. */
export function badShareOf({ window }: BreakerView): number {
  const { calls, bad } = countsOf(window);
  return calls === 0 ? 0 : bad / calls;
}

/**
 * A report comes after its call, by as long as a time-out lasts: at the window's edge there are
 * failures whose calls were granted before it. They were calls all the same.
 */
function countsOf({ granted, failed, slow }: BreakerView["window"]) {
  const bad = failed + slow;
  return { bad, calls: Math.max(granted, bad) };
}

/** The window written out, so that a reader can follow why it opened, or why it has not. */
export function arithmeticOf({ window, settings }: BreakerView): { sum: string; rule: string } {
  const { calls, bad } = countsOf(window);
  const told = bad === 0 ? "" : `, told by ${counted(window.reporters, "reporter")}`;
  const sum =
    calls === 0
      ? `no calls in ${formatDuration(settings.windowMs)}`
      : `${formatCount(bad)} of ${counted(calls, "call")} failed or were slow = ` +
        `${formatShare(bad, calls)}${told}`;
  const rule =
    `opens when ${formatShare(settings.failureRatioToOpen, 1)} of at least ` +
    `${counted(settings.callsMin, "call")} in ${formatDuration(settings.windowMs)} failed or were ` +
    `slow, told by at least ${counted(settings.reportersMin, "reporter")}`;
  return { sum, rule };
}

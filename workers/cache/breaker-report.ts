import type { CallReport } from "../contracts.ts";
import type { Collaborators } from "./collaborators.ts";
import type { GrantedVerdict } from "./granted-call.ts";
import type { CallResult } from "./guarded-call.ts";

/** The registry keeps no more of a detail. */
const DETAIL_LENGTH_MAX = 200;

/**
 * What the registry must hear about a call that it granted, or null. A success costs no report,
 * except a probe's: its lease ends by the report, and its result closes or reopens the breaker.
 */
export function reportOf(
  shard: string,
  verdict: GrantedVerdict,
  result: CallResult<unknown>,
  reporter: string,
): CallReport | null {
  const ended = endOf(result);
  if (ended.outcome === "ok" && verdict.kind === "allow") return null;
  return {
    shard,
    generation: verdict.generation,
    reporter,
    ...ended,
    ...(verdict.kind === "probe" ? { permit: verdict.permit } : {}),
  };
}

function endOf(result: CallResult<unknown>): Pick<CallReport, "outcome" | "detail"> {
  if (result.kind === "failed") {
    return { outcome: "failed", detail: result.error.slice(0, DETAIL_LENGTH_MAX) };
  }
  if (!result.slow) return { outcome: "ok" };
  return { outcome: "slow", detail: `Answered after ${result.tookMs} ms.` };
}

/**
 * Sends the reports after the answer has gone out. A report that is lost is no failure of the
 * operation: the next failing call reports again, and a probe's lease expires by itself.
 */
export function sendReports(tools: Collaborators, reports: (CallReport | null)[]): void {
  const due = reports.filter((report) => report !== null);
  if (due.length === 0) return;
  const sending = async () => {
    try {
      await tools.registry().report(due);
    } catch {
      // See above: losing a report is harmless, and nobody is left to tell.
    }
  };
  tools.waitUntil(sending());
}

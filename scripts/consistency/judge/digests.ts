import type { Violation } from "./violation.ts";

const SHOWN_MAX = 5;
const DIFFER = /^The digests of slot \d+ differ /;

/**
 * A copy that differs from its source is thrown away and made again, so no client ever sees it; but
 * whatever fails meanwhile, no copy that was sealed may differ.
 *
 * @param errors what operations told as their last, each once
 */
export function judgeDigests(errors: ReadonlySet<string>): Violation[] {
  const differing = [...errors].filter((error) => DIFFER.test(error));
  if (differing.length === 0) return [];
  const message = `copies differed from their sources: ${differing[0]}`;
  return [{ judge: "digests", message, detail: differing.slice(1, SHOWN_MAX) }];
}

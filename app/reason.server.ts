import { z } from "zod";
import { REASON_LENGTH_MAX } from "../workers/registry/input.ts";

/** Why somebody does something, as a form sends it; the message stands beside the field. */
export const reasonSchema = z
  .string()
  .trim()
  .min(1, "Say why, for whoever reads the audit trail.")
  .max(REASON_LENGTH_MAX, `At most ${REASON_LENGTH_MAX} characters.`);

/** The first message of each field. */
export function fieldErrorsOf(error: z.ZodError | undefined): Record<string, string> {
  const issues = (error?.issues ?? []).toReversed();
  return Object.fromEntries(issues.map(({ path, message }) => [String(path[0]), message]));
}

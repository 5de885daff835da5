import { z } from "zod";

/** `datetime-local` without a zone; the page says that it is UTC. A `Z` is allowed. */
const MOMENT_PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?$/;
const MINUTE_LENGTH = "2026-11-23T02:40".length;

/**
 * A search param that names an instant, as milliseconds. Nothing happened before 1970, and Postgres
 * does not read the years before it as JavaScript writes them, so an earlier instant counts as 1970.
 */
export const utcMoment = z
  .string()
  .regex(MOMENT_PATTERN, "A day and a time in UTC, as in 2026-11-23T02:40.")
  .transform((value) => ({ value, ms: Date.parse(value.endsWith("Z") ? value : `${value}Z`) }))
  // 30 February parses, as 2 March.
  .refine(
    ({ value, ms }) =>
      !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value.slice(0, MINUTE_LENGTH)),
    "There is no such day or time.",
  )
  .transform(({ ms }) => Math.max(0, ms));

import { z } from "zod";
import type { AuditQuery } from "../workers/db/audit-events.ts";
import { decodeTimeCursor } from "../workers/db/time-cursor.ts";
import { utcMoment } from "./utc-moment.server.ts";

const TEXT_LENGTH_MAX = 200;

export const OUTCOMES = ["done", "refused", "failed"] as const;

/** What the form's fields hold, as they stand in the URL; empty: any. */
export interface AuditFilters {
  action: string;
  actor: string;
  subject: string;
  outcome: string;
  from: string;
  to: string;
}

export type FilterErrors = Partial<Record<keyof AuditFilters | "before", string>>;

export type AuditQueryAnswer =
  | { kind: "query"; filters: AuditFilters; query: Omit<AuditQuery, "limit"> }
  | { kind: "bad"; filters: AuditFilters; errors: FilterErrors };

const text = z.string().trim().max(TEXT_LENGTH_MAX, `At most ${TEXT_LENGTH_MAX} characters.`);

const cursor = z
  .string()
  .transform((value) => decodeTimeCursor(value))
  .refine((value) => value !== null, "This link is damaged. Start again from the newest events.");

const querySchema = z.object({
  action: text.optional(),
  actor: text.optional(),
  subject: text.optional(),
  outcome: z.enum(OUTCOMES, `One of ${OUTCOMES.join(", ")}.`).optional(),
  from: utcMoment.optional(),
  to: utcMoment.optional(),
  before: cursor.optional(),
});

/** Reads the filters and the cursor from a URL; says beside which field what is wrong. */
export function readAuditQuery(url: URL): AuditQueryAnswer {
  const given = Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ""));
  const filters = filtersFrom(given);
  const parsed = querySchema.safeParse(given);
  if (!parsed.success) return { kind: "bad", filters, errors: errorsFrom(parsed.error) };
  const { actor, from, to, before, ...same } = parsed.data;
  if (from !== undefined && to !== undefined && from >= to) {
    return { kind: "bad", filters, errors: { to: "The end must be later than the start." } };
  }
  const query: Omit<AuditQuery, "limit"> = {
    ...withoutAbsent(same),
    ...(actor !== undefined && { actorName: actor }),
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(before && { before }),
  };
  return { kind: "query", filters, query };
}

/** The same filters at another place of the list; `null` is its newest end. */
export function auditHref(filters: AuditFilters, before: string | null): string {
  const params = new URLSearchParams(auditSearch(filters));
  if (before !== null) params.set("before", before);
  const search = params.toString();
  return search === "" ? "/audit" : `/audit?${search}`;
}

export function auditSearch(filters: AuditFilters): string {
  return new URLSearchParams(
    Object.entries(filters).filter(([, value]) => value !== ""),
  ).toString();
}

function filtersFrom(given: Record<string, string>): AuditFilters {
  const { action = "", actor = "", subject = "", outcome = "", from = "", to = "" } = given;
  return { action, actor, subject, outcome, from, to };
}

function errorsFrom(error: z.ZodError): FilterErrors {
  return Object.fromEntries(error.issues.map(({ path, message }) => [String(path[0]), message]));
}

function withoutAbsent<T extends object>(values: T) {
  type Present = { [Key in keyof T]?: Exclude<T[Key], undefined> };
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what is absent was left out.
  return Object.fromEntries(present) as Present;
}

import { AUDIT_PAGE_ROWS_MAX, type AuditQuery } from "../../workers/db/audit-events.ts";
import { decodeTimeCursor, encodeTimeCursor } from "../../workers/db/time-cursor.ts";
import { type AuditLine, type AuditTrail, readAudit } from "../audit.server.ts";
import { readAuditQuery } from "../audit-query.server.ts";
import { answerWithFile, noExport, readFormat } from "../export/answer-with-file.server.ts";
import type { ExportTable, PageReader } from "../export/exported-lines.ts";

/** Each is two subrequests; the rows of a file end before these do. */
const EXPORT_PAGES_MAX = 1_000;

const AUDIT_TABLE: ExportTable<AuditLine> = {
  columns: [
    "time",
    "actor",
    "role",
    "action",
    "subject",
    "outcome",
    "reason",
    "before",
    "after",
    "event_id",
  ],
  cellsOf: ({ atMs, actor, action, subject, outcome, reason, before, after, id }) => [
    new Date(atMs).toISOString(),
    actor.name,
    actor.role,
    action,
    subject,
    outcome,
    reason,
    before === null ? null : JSON.parse(before),
    after === null ? null : JSON.parse(after),
    id,
  ],
  cursorOf: encodeTimeCursor,
};

/** The file, newest event first. A question that cannot be read is refused with 400, as a page. */
export async function exportAudit(env: Env, url: URL, nowMs: number): Promise<Response> {
  const format = readFormat(url);
  url.searchParams.delete("format");
  const asked = readAuditQuery(url);
  if (asked.kind === "bad") throw noExport(400, Object.values(asked.errors).join(" "));
  const { before } = asked.query;
  const file = {
    name: "audit",
    table: AUDIT_TABLE,
    before: before === undefined ? null : encodeTimeCursor(before),
    readPage: pageReader(env, asked.query),
    pagesMax: EXPORT_PAGES_MAX,
  };
  return await answerWithFile(format, file, nowMs);
}

function pageReader(env: Env, query: Omit<AuditQuery, "limit">): PageReader<AuditLine> {
  const { before: _before, ...rest } = query;
  return async (before) => {
    const cursor = before === null ? null : decodeTimeCursor(before);
    const asked = { ...rest, ...(cursor !== null && { before: cursor }) };
    const trail = await readAudit(env, asked, AUDIT_PAGE_ROWS_MAX);
    return { rows: trail.lines, next: trail.next, missing: missingOf(trail) };
  };
}

function missingOf({ databaseProblem, registryProblem, moreWaiting }: AuditTrail): string[] {
  return [
    ...(databaseProblem === null ? [] : ["the database"]),
    ...(registryProblem === null ? [] : ["the registry"]),
    ...(moreWaiting ? ["events that wait for the database"] : []),
  ];
}

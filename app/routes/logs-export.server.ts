import { data } from "react-router";
import { z } from "zod";
import { readUsageLogs } from "../../workers/cache/usage-logs.ts";
import { LOG_PAGE_ROWS_MAX } from "../../workers/lib/limits.ts";
import { shardOf } from "../../workers/shard/shard-stub.ts";
import {
  type ExportFormat,
  type ExportPage,
  exportedLines,
  type PageReader,
} from "../components/logs/export.ts";
import { readShardNames } from "./logs.server.ts";
import { type LogQuestion, readLogsQuery, withUnknownShards } from "./logs-query.server.ts";

const FORMATS = ["csv", "ndjson"] as const satisfies ExportFormat[];
const MEDIA_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

/** Rows of one file; whoever needs more goes on from the note at its end. */
export const EXPORT_ROWS_MAX = 100_000;

/**
 * Calls to shards that one export may make, of the 10,000 subrequests that a request has
 * (https://developers.cloudflare.com/workers/platform/limits/#subrequests). A page asks each shard
 * up to four times.
 */
const EXPORT_CALLS_MAX = 9_000;
const CALLS_PER_PAGE_AND_SHARD = 4;

const formatSchema = z.enum(FORMATS, `format is one of ${FORMATS.join(", ")}.`);

/** The file, newest row first. A question that cannot be read is refused with 400, as a page. */
export async function exportLogs(env: Env, url: URL, nowMs: number): Promise<Response> {
  const format = formatSchema.safeParse(url.searchParams.get("format"));
  if (!format.success) throw refused(400, format.error.issues[0]?.message ?? "No such format.");
  const registry = await readShardNames(env);
  if (registry.kind === "failed") throw refused(503, "The registry does not answer. Try again.");
  const asked = withUnknownShards(readLogsQuery(url, nowMs), registry.value);
  if (asked.kind === "bad") throw refused(400, Object.values(asked.errors).join(" "));
  const names = registry.value;
  const readPage = pageReader(env, names, asked);
  // The first page is read before the headers go out, which can then name who did not answer.
  const first = await readPage(asked.before);
  const pagesMax = Math.floor(EXPORT_CALLS_MAX / (CALLS_PER_PAGE_AND_SHARD * names.length + 1));
  const bounds = { rowsMax: EXPORT_ROWS_MAX, pagesMax };
  const lines = exportedLines(format.data, first, readPage, bounds);
  return new Response(streamOf(lines), { headers: headersOf(format.data, first, nowMs) });
}

function pageReader(env: Env, names: string[], { query }: LogQuestion): PageReader {
  const { before: _before, ...rest } = query;
  return (before) => {
    const asked = { ...rest, limit: LOG_PAGE_ROWS_MAX, ...(before !== null && { before }) };
    return readUsageLogs(names, asked, async (name, shardQuery) => {
      return await shardOf(env, name).listLogs(shardQuery);
    });
  };
}

function headersOf(format: ExportFormat, first: ExportPage, nowMs: number): HeadersInit {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "");
  return {
    "Content-Type": MEDIA_TYPES[format],
    "Content-Disposition": `attachment; filename="cepatedge-logs-${stamp}Z.${format}"`,
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-CepatEdge-Rows-Max": String(EXPORT_ROWS_MAX),
    "X-CepatEdge-Missing-Shards": first.missing.map(({ shard }) => shard).join(","),
  };
}

/** As fast as the reader takes it; when he goes away, nothing more is asked. */
function streamOf(texts: AsyncGenerator<string, void, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return();
    },
  });
}

function refused(status: number, message: string) {
  return data({ title: "No export", message }, { status });
}

import { readUsageLogs } from "../../workers/cache/usage-logs.ts";
import type { UsageLog } from "../../workers/contracts.ts";
import { LOG_PAGE_ROWS_MAX } from "../../workers/lib/limits.ts";
import { shardOf } from "../../workers/shard/shard-stub.ts";
import { answerWithFile, noExport, readFormat } from "../export/answer-with-file.server.ts";
import type { ExportTable, PageReader } from "../export/exported-lines.ts";
import { readShardNames } from "./logs.server.ts";
import { type LogQuestion, readLogsQuery, withUnknownShards } from "./logs-query.server.ts";

/**
 * Calls to shards that one export may make, of the 10,000 subrequests that a request has
 * (https://developers.cloudflare.com/workers/platform/limits/#subrequests). A page asks each shard
 * up to four times.
 */
const EXPORT_CALLS_MAX = 9_000;
const CALLS_PER_PAGE_AND_SHARD = 4;

export const LOG_TABLE: ExportTable<UsageLog> = {
  columns: [
    "time",
    "shard",
    "type",
    "operation",
    "outcome",
    "key",
    "slot",
    "epoch",
    "bytes",
    "log_key",
  ],
  cellsOf: ({ key, shard, atMs, type, operation, outcome, entryKey, slot, epoch, bytes }) => [
    new Date(atMs).toISOString(),
    shard,
    type,
    operation,
    outcome,
    entryKey,
    slot,
    epoch,
    bytes,
    key,
  ],
  cursorOf: ({ key }) => key,
};

/** The file, newest row first. A question that cannot be read is refused with 400, as a page. */
export async function exportLogs(env: Env, url: URL, nowMs: number): Promise<Response> {
  const format = readFormat(url);
  const registry = await readShardNames(env);
  if (registry.kind === "failed") throw noExport(503, "The registry does not answer. Try again.");
  const asked = withUnknownShards(readLogsQuery(url, nowMs), registry.value);
  if (asked.kind === "bad") throw noExport(400, Object.values(asked.errors).join(" "));
  const names = registry.value;
  const readPage = pageReader(env, names, asked);
  const pagesMax = Math.floor(EXPORT_CALLS_MAX / (CALLS_PER_PAGE_AND_SHARD * names.length + 1));
  const file = { name: "logs", table: LOG_TABLE, before: asked.before, readPage, pagesMax };
  return await answerWithFile(format, file, nowMs);
}

function pageReader(env: Env, names: string[], { query }: LogQuestion): PageReader<UsageLog> {
  const { before: _before, ...rest } = query;
  return async (before) => {
    const asked = { ...rest, limit: LOG_PAGE_ROWS_MAX, ...(before !== null && { before }) };
    const page = await readUsageLogs(names, asked, async (name, shardQuery) => {
      return await shardOf(env, name).listLogs(shardQuery);
    });
    const missing = page.missing.map(({ shard }) => shard);
    return { rows: page.logs, next: page.next, missing };
  };
}

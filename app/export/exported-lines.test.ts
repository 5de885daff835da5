import { describe, expect, it } from "vitest";
import type { UsageLog } from "../../workers/contracts.ts";
import { LOG_TABLE } from "../routes/logs-export.server.ts";
import { type ExportFormat, type ExportPage, exportedLines } from "./exported-lines.ts";

const BOUNDS = { rowsMax: 100, pagesMax: 10 };

function logAt(atMs: number): UsageLog {
  const key = `usage:log:${String(atMs).padStart(15, "0")}:0000000000000000`;
  const entry = { entryKey: "=cmd", slot: 7, epoch: 2, bytes: 12 };
  return { key, shard: "a", atMs, type: "page", operation: "get", outcome: "hit", ...entry };
}

/** Pages of two rows, times falling from `newest` to 1. */
function pageFrom(newest: number): ExportPage<UsageLog> {
  const rows = [newest, newest - 1].filter((atMs) => atMs > 0).map(logAt);
  return { rows, next: newest > 2 ? (rows.at(-1)?.key ?? null) : null, missing: [] };
}

async function fileOf(
  format: ExportFormat,
  newest: number,
  bounds = BOUNDS,
  first: ExportPage<UsageLog> = pageFrom(newest),
): Promise<{ lines: string[]; asked: number }> {
  let asked = 0;
  const readPage = async (before: string | null) => {
    asked += 1;
    return pageFrom(Number(before?.split(":")[2]) - 1);
  };
  let text = "";
  for await (const part of exportedLines(format, LOG_TABLE, first, readPage, bounds)) text += part;
  return { lines: text.trimEnd().split(/\r?\n/), asked };
}

describe("an export", () => {
  it("holds every row of every page once, newest first, and says that it is complete", async () => {
    const { lines } = await fileOf("ndjson", 5);
    const rows = lines.map((line) => JSON.parse(line));
    expect(rows.slice(0, -1).map(({ log_key: key }) => Number(key.split(":")[2]))).toEqual([
      5, 4, 3, 2, 1,
    ]);
    expect(rows.at(-1)).toEqual({
      note: { rows: 5, complete: true, missing: [], goes_on_before: null },
    });
  });

  it("stops at its rows and tells the cursor to go on with", async () => {
    const { lines, asked } = await fileOf("ndjson", 9, { rowsMax: 3, pagesMax: 10 });
    const note = JSON.parse(lines.at(-1) ?? "").note;
    expect(note).toMatchObject({ rows: 3, complete: false, goes_on_before: logAt(7).key });
    expect(asked).toBe(1);
  });

  it("stops at its pages, so that a filter that matches little has an end", async () => {
    const { lines, asked } = await fileOf("ndjson", 9, { rowsMax: 100, pagesMax: 2 });
    expect(JSON.parse(lines.at(-1) ?? "").note).toMatchObject({ rows: 4, complete: false });
    expect(asked).toBe(1);
  });

  it("names the shards that did not answer", async () => {
    const first = { ...pageFrom(1), missing: ["b"] };
    const { lines } = await fileOf("ndjson", 1, BOUNDS, first);
    expect(JSON.parse(lines.at(-1) ?? "").note).toMatchObject({ complete: false, missing: ["b"] });
  });

  it("as CSV begins with the columns, makes formulas harmless and needs no note", async () => {
    const { lines } = await fileOf("csv", 1);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('"time","shard"');
    expect(lines[1]).toContain(`"'=cmd",7,2,12`);
  });

  it("as CSV ends with a row that says so when it was cut", async () => {
    const { lines } = await fileOf("csv", 9, { rowsMax: 3, pagesMax: 10 });
    expect(lines.at(-1)).toContain("# incomplete: cut after 3 rows");
    expect(lines.at(-1)?.split(",")).toHaveLength(lines[0]?.split(",").length ?? 0);
  });
});

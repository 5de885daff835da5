import { data } from "react-router";
import { z } from "zod";
import {
  type ExportBounds,
  type ExportFormat,
  type ExportPage,
  type ExportTable,
  exportedLines,
  type PageReader,
} from "./exported-lines.ts";

const FORMATS = ["csv", "ndjson"] as const satisfies ExportFormat[];
const MEDIA_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

/** Rows of one file; whoever needs more goes on from the note at its end. */
const EXPORT_ROWS_MAX = 100_000;

const formatSchema = z.enum(FORMATS, `format is one of ${FORMATS.join(", ")}.`);

/** Throws a 400 where the URL does not name a format. */
export function readFormat(url: URL): ExportFormat {
  const format = formatSchema.safeParse(url.searchParams.get("format"));
  if (format.success) return format.data;
  throw noExport(400, format.error.issues[0]?.message ?? "No such format.");
}

/** A refusal as a page. */
export function noExport(status: number, message: string) {
  return data({ title: "No export", message }, { status });
}

export interface Export<Row> {
  /** Part of the file's name: `logs`. */
  name: string;
  table: ExportTable<Row>;
  /** Where the file begins; null: at the newest row. */
  before: string | null;
  readPage: PageReader<Row>;
  pagesMax: ExportBounds["pagesMax"];
}

/** The file, newest row first, streamed as fast as it is read. */
export async function answerWithFile<Row>(
  format: ExportFormat,
  { name, table, before, readPage, pagesMax }: Export<Row>,
  nowMs: number,
): Promise<Response> {
  // The first page is read before the headers go out, which can then name who did not answer.
  const first = await readPage(before);
  const lines = exportedLines(format, table, first, readPage, {
    rowsMax: EXPORT_ROWS_MAX,
    pagesMax,
  });
  return new Response(streamOf(lines), { headers: headersOf(format, name, first, nowMs) });
}

function headersOf(
  format: ExportFormat,
  name: string,
  { missing }: ExportPage<unknown>,
  nowMs: number,
): HeadersInit {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "");
  return {
    "Content-Type": MEDIA_TYPES[format],
    "Content-Disposition": `attachment; filename="cepatedge-${name}-${stamp}Z.${format}"`,
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-CepatEdge-Rows-Max": String(EXPORT_ROWS_MAX),
    "X-CepatEdge-Missing": missing.join(","),
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

import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { z } from "zod";

const rowSchema = z.record(z.string(), z.unknown());
const noteSchema = z.object({ note: z.object({ rows: z.int(), complete: z.boolean() }) });

export type ExportedRow = z.infer<typeof rowSchema>;

/** Saves the files behind the page's two links, and reads the rows that both of them hold. */
export async function readExports(page: Page): Promise<ExportedRow[]> {
  const lines = (await saved(page, "NDJSON")).trimEnd().split("\n");
  const [last = "", ...rows] = lines.map((line): unknown => JSON.parse(line)).toReversed();
  const exported = z.array(rowSchema).parse(rows.toReversed());
  expect(noteSchema.parse(last).note).toEqual(
    expect.objectContaining({ rows: exported.length, complete: true }),
  );
  const inCsv = z.array(rowSchema).parse(parse(await saved(page, "CSV"), { columns: true }));
  expect(inCsv.map(({ time }) => time)).toEqual(exported.map(({ time }) => time));
  return exported;
}

async function saved(page: Page, format: "CSV" | "NDJSON"): Promise<string> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: `Export as ${format}` }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${format.toLowerCase()}$`));
  return await readFile(await download.path(), "utf8");
}

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { expect, test } from "../support/fixtures.ts";
import type { Product } from "../support/product.ts";

const REQUESTS = 240;
const KEYS = 50;
const LEGEND = /^(Hit|Miss|Stale|Stored|Deleted|Rejected) \d+$/;
const OUTCOMES = 6;

/** Of what the command reports, what the dashboard shows too. */
const reportSchema = z.object({
  errors: z.record(z.string(), z.number()),
  operations: z.object({
    get: z.object({ hit: z.number(), miss: z.number() }),
    set: z.object({ stored: z.number() }),
    delete: z.object({ deleted: z.number() }),
  }),
  shards: z.array(z.object({ shard: z.string(), operations: z.number() })),
});

test.describe.configure({ mode: "serial" });

test("a new installation says what to do first", async ({ page, signedIn: _signedIn }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(page.getByText("No shards yet")).toBeVisible();
  await expect(page.getByRole("link", { name: "Register shards" })).toBeVisible();
});

test("what a replay did is what the dashboard counts, in all and on each shard", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.registerShards("north", "east", "south", "west");
  const { operations, shards, errors } = await replayTrace(product);
  const { hit, miss } = operations.get;
  expect(errors).toEqual({});
  expect(shards.map(({ shard }) => shard)).toEqual(["east", "north", "south", "west"]);

  await page.goto("/");
  await expect(page.getByText("4 shards, epoch")).toBeVisible();
  const ofAll = page.getByRole("main");
  for (const [outcome, count] of [
    ["Hit", hit],
    ["Miss", miss],
    ["Stored", operations.set.stored],
    ["Deleted", operations.delete.deleted],
    ["Rejected", 0],
  ] as const) {
    await expect(ofAll.getByRole("listitem").filter({ hasText: outcome })).toHaveText(
      `${outcome} ${count}`,
    );
  }
  const figures = page.getByRole("region", { name: "Key figures" });
  await expect(figures).toContainText(`${((100 * hit) / (hit + miss)).toFixed(1)}%`);

  for (const { shard, operations: calls } of shards) {
    await page.goto(`/shards/${shard}`);
    const legend = page.getByRole("main").getByRole("listitem").filter({ hasText: LEGEND });
    await expect(legend).toHaveCount(OUTCOMES);
    const counts = await legend.locator("span.text-muted").allTextContents();
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(calls);
  }
});

test("a shard that throws is named on the overview, which shows everything else", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.setFault("east", "throws");
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Health" })).toContainText("east");
  await expect(page.getByRole("region", { name: "Key figures" })).toBeVisible();
  await product.setFault("east", null);
});

/** A trace of reads, writes and deletes, replayed by the command that its owner would use. */
async function replayTrace(product: Product): Promise<z.infer<typeof reportSchema>> {
  const folder = await mkdtemp(join(tmpdir(), "cepatedge-replay-"));
  const [trace, report] = [join(folder, "trace.csv"), join(folder, "report.json")];
  const lines = Array.from({ length: REQUESTS }, (_, at) => {
    const op = at % 7 === 6 ? "delete" : at % 3 === 0 ? "set" : "get";
    return `${at},${op},key-${(at * at) % KEYS},100`;
  });
  await writeFile(trace, ["time,op,key,size", ...lines, ""].join("\n"));
  const flags = ["--url", product.url, "--token", product.token, "--json", report];
  await promisify(execFile)(process.execPath, ["scripts/replay.ts", trace, ...flags]);
  const json = await readFile(report, "utf8");
  await rm(folder, { recursive: true });
  return reportSchema.parse(JSON.parse(json));
}

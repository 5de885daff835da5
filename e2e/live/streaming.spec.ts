import type { BrowserContext } from "@playwright/test";
import { FAN_OUT_TIMEOUT_MS } from "../../workers/cache/shard-fan-out.ts";
import { expect, test } from "../support/fixtures.ts";
import { FRESH_CONNECTION } from "../support/fresh-connection.ts";
import { burst } from "../support/traffic.ts";

const SILENT = "east";

test.describe.configure({ mode: "serial" });

/** A part of each page that waits for no shard, and one that waits for the silent one. */
const PAGES = [
  { path: "/", soon: "4 shards, epoch", late: "does not answer, asked at" },
  { path: "/shards", soon: "of 64.0 MiB", late: "No answer" },
  { path: "/logs", soon: "Loading the logs", late: "did not answer: its logs are missing here." },
  { path: `/shards/${SILENT}`, soon: "Asking the shard", late: "has not answered since" },
];

for (const { path, soon, late } of PAGES) {
  test(`${path} is on its way before a shard that hangs has used up its time`, async ({
    page,
    product,
    cache,
    signedIn: _signedIn,
  }) => {
    const { shards } = await product.registry.topology();
    if (shards.length === 0) {
      await product.registerShards("north", SILENT, "south", "west");
      await burst(cache, "session", 20);
      await product.setFault(SILENT, "hangs");
    }
    const userAgent = await page.evaluate(() => navigator.userAgent);
    const arrivals = await readStream(new URL(path, product.url), page.context(), userAgent);
    const atOf = (text: string) => arrivals.find(({ sofar }) => sofar.includes(text))?.atMs;
    expect(atOf(soon), soon).toBeLessThan(FAN_OUT_TIMEOUT_MS);
    expect(atOf(late), late).toBeGreaterThanOrEqual(FAN_OUT_TIMEOUT_MS);
  });
}

/**
 * What of a page has come when, as bytes on the wire: uncompressed, because the local server's
 * compression holds back what Cloudflare's lets go.
 */
async function readStream(url: URL, context: BrowserContext, userAgent: string) {
  const cookies = await context.cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const beganMs = performance.now();
  const response = await fetch(url, {
    headers: {
      ...FRESH_CONNECTION,
      cookie,
      "user-agent": userAgent,
      "accept-encoding": "identity",
    },
  });
  const arrivals: { atMs: number; sofar: string }[] = [];
  let sofar = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    sofar += chunk;
    // React puts an empty comment between two texts.
    const text = sofar.replaceAll("<!-- -->", "");
    arrivals.push({ atMs: performance.now() - beganMs, sofar: text });
  }
  return arrivals;
}

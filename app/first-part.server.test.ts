import { RouterContextProvider } from "react-router";
import { describe, expect, it } from "vitest";
import { firstPartMiddleware, firstPartSent } from "./first-part.server.ts";

/** One request whose page begins to ask shards for figures; what happened, in order. */
async function orderOfEvents(headers: HeadersInit, answer: () => Promise<Response>) {
  const context = new RouterContextProvider();
  const request = new Request("https://x.test/shards", { headers });
  const events: string[] = [];
  let asked: Promise<unknown> = Promise.resolve();
  const next = async () => {
    asked = firstPartSent(context).then(() => events.push("shards asked"));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    events.push("first part made");
    return await answer();
  };
  await firstPartMiddleware({ request, context }, next).catch(() => events.push("failed"));
  await asked;
  return events;
}

const page = async () => new Response("<main>");
const noPage = async () => await Promise.reject(new Error("no page"));
const STREAMED = { Cookie: "cepatedge-script=1", "User-Agent": "Mozilla/5.0 Chrome/140" };

describe("asking the shards", () => {
  it("waits until the first part of a streamed page is made", async () => {
    expect(await orderOfEvents(STREAMED, page)).toEqual(["first part made", "shards asked"]);
  });

  it("begins at once for a page that is sent whole", async () => {
    expect(await orderOfEvents({}, page)).toEqual(["shards asked", "first part made"]);
    const robot = { ...STREAMED, "User-Agent": "Googlebot/2.1" };
    expect(await orderOfEvents(robot, page)).toEqual(["shards asked", "first part made"]);
  });

  it("is never held back for ever by a page that fails", async () => {
    expect(await orderOfEvents(STREAMED, noPage)).toContain("shards asked");
  });
});

import { describe, expect, it } from "vitest";
import { logsHref, momentParam } from "../components/logs/filters.ts";
import { readLogsQuery, withUnknownShards } from "./logs-query.server.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 3, 30);
const HOUR_MS = 3_600_000;
const KEY = "usage:log:001795404994241:9afden0yfmw8cmxz";

function read(search: string) {
  return readLogsQuery(new URL(`https://x.invalid/logs${search}`), NOW_MS);
}

function question(search: string) {
  const answer = read(search);
  if (answer.kind === "bad") throw new Error(JSON.stringify(answer.errors));
  return answer;
}

function errorsOf(search: string) {
  const answer = read(search);
  return answer.kind === "bad" ? answer.errors : {};
}

describe("the address of the logs", () => {
  it("asks for the last hour of every shard where it says nothing", () => {
    const { query, shards, fromMs, isClosed } = question("");
    expect(query).toEqual({ limit: 100, fromMs: NOW_MS + 1 - HOUR_MS });
    expect({ shards, fromMs, isClosed }).toMatchObject({ shards: [], isClosed: false });
  });

  it("takes several shards and every filter", () => {
    const { query, shards } = question(
      "?shard=a&shard=b&shard=a&type=page&operation=get&outcome=hit&prefix=p%3A&rows=50",
    );
    expect(shards).toEqual(["a", "b"]);
    expect(query).toMatchObject({
      limit: 50,
      type: "page",
      operation: "get",
      outcome: "hit",
      entryKeyPrefix: "p:",
    });
  });

  it("reads times as UTC, and the range as a length before the end", () => {
    const { query } = question("?to=2026-11-22T12:00&range=6h");
    const toMs = Date.UTC(2026, 10, 22, 12);
    expect(query).toMatchObject({ toMs, fromMs: toMs - 6 * HOUR_MS });
    expect(question("?from=2026-11-22T12:00:30.500Z").fromMs).toBe(toMs + 30_500);
  });

  it.each([
    ["?type=UPPER", "type"],
    ["?operation=post", "operation"],
    ["?outcome=bypass", "outcome"],
    ["?rows=7", "rows"],
    ["?range=2h", "range"],
    ["?from=yesterday", "from"],
    ["?from=2026-02-30T00:00", "from"],
    ["?from=2027-01-01T00:00", "from"],
    ["?from=2026-11-23T02:00&to=2026-11-23T01:00", "to"],
    ["?before=1", "before"],
    ["?at=usage:log:1:x", "at"],
    [`?prefix=${"x".repeat(513)}`, "prefix"],
  ])("says beside the field what is wrong with %s", (search, field) => {
    expect(Object.keys(errorsOf(search))).toEqual([field]);
  });

  it("refuses the name of a shard that nobody has registered, as long as that is known", () => {
    const asked = read("?shard=gone");
    expect(withUnknownShards(asked, ["a"])).toMatchObject({
      kind: "bad",
      errors: {
        shard:
          "There is no shard gone. Logs of one that was deregistered are listed without this filter.",
      },
    });
    expect(withUnknownShards(asked, null).kind).toBe("query");
  });

  it("comes out of a link as it went in", () => {
    const { filters } = question("?shard=a&shard=b&prefix=a%26b&from=2026-11-22T12:00&rows=250");
    const href = logsHref(filters, { before: KEY });
    const again = question(href.slice("/logs".length));
    expect(again.filters).toEqual(filters);
    expect(again.before).toBe(KEY);
  });

  it("names a moment no finer than needed", () => {
    const minute = Date.UTC(2026, 10, 22, 12, 5);
    expect(momentParam(minute)).toBe("2026-11-22T12:05");
    expect(momentParam(minute + 1_500)).toBe("2026-11-22T12:05:01.500");
    for (const ms of [minute, minute + 7_000, minute + 60]) {
      expect(question(`?from=${momentParam(ms)}`).fromMs).toBe(ms);
    }
  });
});

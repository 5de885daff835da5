import { assert, property, string, webUrl } from "fast-check";
import { describe, expect, it } from "vitest";
import { pagePathOf, safeNext } from "./next-path.ts";

describe("where a sign-in leads", () => {
  it("is the page that asked for it, with its filters", () => {
    expect(safeNext("/logs?shard=eu-1&before=usage%3Alog")).toBe(
      "/logs?shard=eu-1&before=usage%3Alog",
    );
    expect(safeNext("/shards/eu-1#slots")).toBe("/shards/eu-1#slots");
  });

  it.each([
    null,
    "",
    "logs",
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/.//evil.example/",
    "/a/..//evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    " //evil.example",
    "javascript:alert(1)",
    "/%0d%0aSet-Cookie:x/\r\n",
    "/login?next=/logs",
    "/sign-out",
    "/login.data",
    `/${"x".repeat(2_000)}`,
  ])("is the overview where the page is %j", (next) => {
    expect(safeNext(next)).toBe("/");
  });

  it("is on this site, whatever is asked for", () => {
    assert(property(string({ unit: "binary" }), staysHere));
    assert(property(webUrl(), (url) => staysHere(url.replace(/^https?:/, ""))));
    assert(property(string(), (text) => staysHere(`/${text}`)));
  });
});

describe("the page that a request is for", () => {
  it.each([
    ["/logs?shard=eu-1", "/logs?shard=eu-1"],
    ["/logs.data?shard=eu-1&_routes=routes%2Flogs", "/logs?shard=eu-1"],
    ["/_.data", "/"],
    ["/shards/_.data?index", "/shards/"],
    ["/?index", "/"],
  ])("at %s is %s", (path, page) => {
    expect(pagePathOf(new Request(`https://cepatedge.example${path}`))).toBe(page);
  });
});

function staysHere(next: string): void {
  const resolved = new URL(safeNext(next), "https://cepatedge.example");
  expect(resolved.origin).toBe("https://cepatedge.example");
}

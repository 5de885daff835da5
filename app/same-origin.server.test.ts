import { describe, expect, it } from "vitest";
import { assertSameOrigin } from "./same-origin.server.ts";

function request(method: string, headers: Record<string, string>, path = "/shards"): Request {
  return new Request(`https://cepatedge.example${path}`, { method, headers });
}

function answerOf(incoming: Request): "passes" | number {
  try {
    assertSameOrigin(incoming);
    return "passes";
  } catch (thrown) {
    expect(thrown).toMatchObject({ data: { code: "cross-site" }, init: { status: 403 } });
    return 403;
  }
}

const OWN = "https://cepatedge.example";

describe("a request that changes something", () => {
  it.each([
    ["by the page itself", { "Sec-Fetch-Site": "same-origin" }],
    ["by somebody's own hand", { "Sec-Fetch-Site": "none" }],
    ["by a browser that tells only its origin", { Origin: OWN }],
  ])("passes when it was sent %s", (_case, headers) => {
    expect(answerOf(request("POST", headers))).toBe("passes");
  });

  it.each([
    ["another site", { "Sec-Fetch-Site": "cross-site" }],
    ["a neighbouring subdomain", { "Sec-Fetch-Site": "same-site" }],
    ["a site that claims our origin", { "Sec-Fetch-Site": "cross-site", Origin: OWN }],
    ["another origin", { Origin: "https://evil.example" }],
    ["our host without https", { Origin: "http://cepatedge.example" }],
    ["our host at another port", { Origin: `${OWN}:8443` }],
    ["a sandboxed frame", { Origin: "null" }],
    ["who tells nothing", {}],
  ])("is refused when it comes from %s", (_case, headers) => {
    expect(answerOf(request("POST", headers))).toBe(403);
  });

  it.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("may be a %s", (method) => {
    expect(answerOf(request(method, { "Sec-Fetch-Site": "cross-site" }))).toBe(403);
  });
});

describe("a request that only reads", () => {
  it.each(["GET", "HEAD"])("passes as a %s from anywhere: a link from an alert", (method) => {
    expect(answerOf(request(method, { "Sec-Fetch-Site": "cross-site" }))).toBe("passes");
  });
});

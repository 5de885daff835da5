import { describe, expect, it } from "vitest";
import { assertSameOrigin } from "./same-origin.server.ts";

function request(method: string, headers: Record<string, string>, path = "/shards"): Request {
  return new Request(`https://cepatedge.example${path}`, { method, headers });
}

function check(incoming: Request): unknown {
  try {
    assertSameOrigin(incoming);
    return "passed";
  } catch (thrown) {
    return thrown;
  }
}

const REFUSAL = { data: { code: "cross-site" }, init: { status: 403 } };
const OWN = "https://cepatedge.example";

describe("a request that changes something", () => {
  it.each([
    ["by the page itself", { "Sec-Fetch-Site": "same-origin" }],
    ["by somebody's own hand", { "Sec-Fetch-Site": "none" }],
    ["by a browser that tells only its origin", { Origin: OWN }],
  ])("passes when it was sent %s", (_case, headers) => {
    expect(check(request("POST", headers))).toBe("passed");
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
    expect(check(request("POST", headers))).toMatchObject(REFUSAL);
  });

  it.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("may be a %s", (method) => {
    expect(check(request(method, { "Sec-Fetch-Site": "cross-site" }))).toMatchObject(REFUSAL);
  });
});

describe("a request that only reads", () => {
  it.each(["GET", "HEAD"])("passes as a %s from anywhere: a link from an alert", (method) => {
    expect(check(request(method, { "Sec-Fetch-Site": "cross-site" }))).toBe("passed");
  });
});

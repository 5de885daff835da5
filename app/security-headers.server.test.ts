import { describe, expect, it } from "vitest";
import {
  contentSecurityPolicy,
  securityHeadersMiddleware,
  setSecurityHeaders,
} from "./security-headers.server.ts";

it("Redirects and data of resource routes carry the headers of pages", async () => {
  const redirect = new Response(null, { status: 302, headers: { Location: "/login" } });
  const request = new Request("https://x.test/palette");
  const { headers } = await securityHeadersMiddleware({ request }, async () => redirect);
  expect(headers.get("Cache-Control")).toBe("private, no-store");
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(headers.get("Location")).toBe("/login");
});

describe("a page's headers", () => {
  it("let only scripts with this document's nonce run, and nobody frame the page", () => {
    const policy = contentSecurityPolicy("abc", new URL("https://x.test:8443/"), false);
    expect(policy).toContain("script-src 'nonce-abc' 'strict-dynamic'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("connect-src 'self' wss://x.test:8443;");
  });

  it("keep pages out of caches, unless a route has said otherwise", () => {
    const page = new Headers();
    setSecurityHeaders(page, new Request("https://x.test/"));
    expect(page.get("Cache-Control")).toBe("private, no-store");
    const own = new Headers({ "Cache-Control": "max-age=5" });
    setSecurityHeaders(own, new Request("https://x.test/"));
    expect(own.get("Cache-Control")).toBe("max-age=5");
  });

  it("promise https only over https", () => {
    const plain = new Headers();
    setSecurityHeaders(plain, new Request("http://localhost:5173/"));
    expect(plain.has("Strict-Transport-Security")).toBe(false);
    const secure = new Headers();
    setSecurityHeaders(secure, new Request("https://x.test/"));
    expect(secure.has("Strict-Transport-Security")).toBe(true);
  });
});

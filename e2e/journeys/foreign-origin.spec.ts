import { expect, test } from "../support/fixtures.ts";
import { FRESH_CONNECTION } from "../support/fresh-connection.ts";

const ELSEWHERE = {
  method: "POST",
  headers: { ...FRESH_CONNECTION, origin: "https://evil.example" },
  body: new URLSearchParams({ email: "eve@example.com" }),
};

test("a form from elsewhere meets the page that says so, and nothing in the log", async ({
  product,
}) => {
  for (const path of ["/login", "/shards/register"]) {
    const response = await fetch(new URL(path, product.url), ELSEWHERE);
    expect(response.status, path).toBe(403);
    expect(response.headers.get("content-security-policy"), path).toContain("default-src 'none'");
    expect(await response.text(), path).toContain("Not sent from this page");
  }
  // These two have no page: one leads on, the other asks for a secret that no browser has.
  expect((await fetch(new URL("/sign-out", product.url), ELSEWHERE)).status).toBe(403);
  expect((await fetch(new URL("/bootstrap", product.url), ELSEWHERE)).status).toBe(401);
  expect(product.takeErrors()).toEqual([]);
});

test("a path that cannot be read is one that is not there", async ({ product }) => {
  const url = new URL("/no-such-page/%ff", product.url);
  const response = await fetch(url, { headers: FRESH_CONNECTION });
  expect(response.status).toBe(404);
  expect(product.takeErrors()).toEqual([]);
});

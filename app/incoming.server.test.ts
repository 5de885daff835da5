import { describe, expect, it } from "vitest";
import { asRouterSees } from "./incoming.server.ts";

const OWN = "https://cepatedge.example";

function seen(method: string, headers: Record<string, string>, path = "/shards") {
  const request = asRouterSees(new Request(`${OWN}${path}`, { method, headers }));
  const { origin = null, "sec-fetch-site": site = null } = Object.fromEntries(request.headers);
  return { origin, site };
}

describe("what the router sees of a form", () => {
  it.each([
    [{ Origin: "https://evil.example" }],
    [{ Origin: "null" }],
    [{ Origin: "no address" }],
    [{ "Sec-Fetch-Site": "cross-site", Origin: OWN }],
    [{}],
  ])("is that it comes from elsewhere, and no origin to stumble over: %j", (headers) => {
    expect(seen("POST", headers)).toEqual({ origin: null, site: "cross-site" });
  });

  it.each([
    [{ Origin: OWN }],
    [{ "Sec-Fetch-Site": "same-origin", Origin: "https://evil.example" }],
    [{ "Sec-Fetch-Site": "none" }],
  ])("is that it comes from this site: %j", (headers) => {
    expect(seen("POST", headers)).toEqual({ origin: null, site: "same-origin" });
  });

  it("is its body, its method and its cookies as they came", async () => {
    const headers = { Cookie: "a=b", "Content-Type": "text/plain" };
    const came = new Request(`${OWN}/shards`, { method: "PUT", body: "as it came", headers });
    const request = asRouterSees(came);
    expect([request.method, request.headers.get("Cookie")]).toEqual(["PUT", "a=b"]);
    expect(await request.text()).toBe("as it came");
  });
});

describe("what the router sees of a page", () => {
  it("is the request itself", () => {
    const request = new Request(`${OWN}/shards?a=%`, {
      headers: { Origin: "https://evil.example" },
    });
    expect(asRouterSees(request)).toBe(request);
  });

  it.each([
    ["/shards/%", "/shards/%25"],
    ["/shards/%C3/drain", "/shards/%25C3/drain"],
    ["/%ff%20", "/%25ff%2520"],
  ])("is an address that can be read: %s", (path, read) => {
    expect(new URL(asRouterSees(new Request(`${OWN}${path}`)).url).pathname).toBe(read);
  });
});

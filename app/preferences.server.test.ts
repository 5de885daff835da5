import { describe, expect, it } from "vitest";
import { preferencesAfter, readPreferences, safeReturnPath } from "./preferences.server.ts";
import { DEFAULT_PREFERENCES, type Preferences } from "./preferences.ts";

function requestWith(cookie: string): Request {
  return new Request("https://x.test/", { headers: { Cookie: cookie } });
}

async function chosen(fields: Record<string, string>, guessed?: string): Promise<Preferences> {
  const setCookie = await preferencesAfter(DEFAULT_PREFERENCES, fields, guessed);
  return readPreferences(requestWith(setCookie.split(";")[0] ?? ""));
}

describe("preferences", () => {
  it("come back from the cookie as they were chosen", async () => {
    expect(await chosen({ theme: "dark" })).toEqual({ theme: "dark", timeZone: "UTC" });
  });

  it("take the browser's zone for local times, else the guessed one, else UTC", async () => {
    const local = { times: "local", localZone: "Asia/Jakarta" };
    expect(await chosen(local, "Europe/Oslo")).toHaveProperty("timeZone", "Asia/Jakarta");
    expect(await chosen({ times: "local", localZone: "" }, "Europe/Oslo")).toHaveProperty(
      "timeZone",
      "Europe/Oslo",
    );
    expect(await chosen({ times: "local", localZone: "Mars/Base" })).toHaveProperty(
      "timeZone",
      "UTC",
    );
  });

  it("ignore a value that does not exist", async () => {
    expect(await chosen({ theme: "neon", times: "mars" })).toEqual(DEFAULT_PREFERENCES);
  });

  it.each(["", "cepatedge-preferences=garbage", "cepatedge-preferences=eyJ0aGVtZSI6NX0%3D"])(
    "fall back to the defaults for the cookie %j",
    async (cookie) => {
      expect(await readPreferences(requestWith(cookie))).toEqual(DEFAULT_PREFERENCES);
    },
  );
});

describe("the way back", () => {
  it.each([
    ["/logs?type=a", "/logs?type=a"],
    ["//evil.test/x", "/"],
    ["/\\evil.test", "/"],
    ["/.//evil.test", "/"],
    ["/logs/..//evil.test", "/"],
    ["https://evil.test/", "/"],
    ["", "/"],
    [null, "/"],
  ])("from %j is %s", (to, path) => {
    expect(safeReturnPath(to)).toBe(path);
  });
});

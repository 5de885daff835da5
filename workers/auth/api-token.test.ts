import { describe, expect, it } from "vitest";
import { generateApiToken, hashApiToken } from "./api-token.ts";

describe("a token of the data API", () => {
  it("is `ce_` and 32 random bytes", () => {
    const token = generateApiToken();
    expect(token).toMatch(/^ce_[\w-]{43}$/);
    expect(generateApiToken()).not.toBe(token);
  });

  it("is kept as its SHA-256, as FIPS 180-2 gives it for `abc`", async () => {
    expect(await hashApiToken("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});

import { describe, expect, it } from "vitest";
import { bearerOf, isSameSecret } from "./bearer-secret.ts";

describe("a bearer secret", () => {
  it("equals itself alone, whatever the lengths", async () => {
    expect(await isSameSecret("a long secret", "a long secret")).toBe(true);
    expect(await isSameSecret("a long secre", "a long secret")).toBe(false);
    expect(await isSameSecret("", "a long secret")).toBe(false);
  });

  it("that is empty equals nothing, itself included", async () => {
    expect(await isSameSecret("", "")).toBe(false);
  });

  it.each([
    ["Bearer abc", "abc"],
    ["bearer abc", "abc"],
    ["Bearer a b", "a b"],
    ["Basic abc", null],
    ["Bearer ", null],
  ])("in the header %j is %j", (header, secret) => {
    expect(bearerOf(new Headers({ Authorization: header }))).toBe(secret);
  });

  it("is not there where no header is", () => {
    expect(bearerOf(new Headers())).toBeNull();
  });
});

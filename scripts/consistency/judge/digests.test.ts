import { expect, it } from "vitest";
import { judgeDigests } from "./digests.ts";

it("finds copies that differed, though none was committed, and no other error", () => {
  const others = ["cove did not take entries within 2 s", "The registry did not decide within 5 s"];
  const differing = "The digests of slot 7 differ here and at cove; nothing was moved.";
  expect(judgeDigests(new Set(others))).toEqual([]);
  expect(judgeDigests(new Set([...others, differing])).map(({ message }) => message)).toEqual([
    `copies differed from their sources: ${differing}`,
  ]);
});

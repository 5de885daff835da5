import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { decimal, findToken, httpUrl, readFlags, wholeNumber } from "./flags.ts";

const OPTIONS = {
  url: { type: "string", default: "http://localhost:5173" },
  keys: { type: "string", default: "10" },
  skew: { type: "string", default: "0.99" },
} as const;

const schema = z.object({
  url: httpUrl("url"),
  keys: wholeNumber("keys", 1, 100),
  skew: decimal("skew", 0, 5),
});

const read = (...args: string[]) => readFlags(args, OPTIONS, schema);

test("flags are read with their defaults", () => {
  expect(read("--keys", "7", "trace.csv")).toEqual({
    kind: "flags",
    flags: { url: "http://localhost:5173", keys: 7, skew: 0.99 },
    positionals: ["trace.csv"],
  });
});

test("--help is asked for before anything else is looked at", () => {
  expect(read("--help", "--keys", "none")).toEqual({ kind: "help" });
});

test.each([
  [["--kyes", "7"], "Unknown option '--kyes'."],
  [["--keys", "7.5"], "--keys is a whole number from 1 to 100."],
  [["--keys", "101"], "--keys is a whole number from 1 to 100."],
  [["--keys=-1"], "--keys is a whole number from 1 to 100."],
  [["--skew", "6"], "--skew is a number from 0 to 5."],
  [["--url", "localhost:5173"], "--url is an address such as http://localhost:5173."],
  [["--url", "here"], "--url is an address such as http://localhost:5173."],
])("%j is refused with a sentence", (args, message) => {
  expect(read(...args)).toEqual({ kind: "refused", message });
});

test("the token comes from the flag, else the environment, else the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "token-"));
  const file = join(folder, "token");
  const environment = "from-environment";
  expect(await findToken(undefined, undefined, file)).toMatchObject({
    kind: "refused",
    message: expect.stringContaining("A token is needed: --token,"),
  });
  await writeFile(file, "from-file\n");
  expect(await findToken("from-flag", environment, file)).toMatchObject({ token: "from-flag" });
  expect(await findToken(undefined, environment, file)).toMatchObject({
    token: "from-environment",
  });
  expect(await findToken(undefined, undefined, file)).toEqual({
    kind: "token",
    token: "from-file",
  });
  await rm(folder, { recursive: true });
});

test("a token that cannot stand in a header is refused before it is sent", async () => {
  expect(await findToken("two words", undefined)).toMatchObject({ kind: "refused" });
});

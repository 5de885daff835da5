import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  generatePassword,
  hashPassword,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  verifyPassword,
} from "./password.ts";

const PASSWORD = "correct horse battery staple";

/** RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), its first 32 bytes. */
const RFC_7914_HASH = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";

function encoded(n: number, r: number, p: number, password: string): string {
  const salt = Buffer.from("SodiumChloride");
  const hash = scryptSync(password, salt, 32, { N: n, r, p, maxmem: 64 * 1024 * 1024 });
  return `scrypt$${n}$${r}$${p}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

describe("a password", () => {
  it("is right for the hash that was made from it, and for no other", async () => {
    const hash = await hashPassword(PASSWORD);
    expect(await verifyPassword(PASSWORD, hash)).toEqual({ kind: "right", isOutdated: false });
    expect(await verifyPassword(`${PASSWORD} `, hash)).toEqual({ kind: "wrong" });
    expect(await verifyPassword("", hash)).toEqual({ kind: "wrong" });
  });

  it("never gives the same hash twice", async () => {
    const [first, second] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
    expect(first).not.toBe(second);
    expect(first).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
  });

  it("is checked by the scrypt of RFC 7914", async () => {
    const hash = Buffer.from(RFC_7914_HASH, "hex").toString("base64url");
    const salt = Buffer.from("SodiumChloride").toString("base64url");
    const answer = await verifyPassword("pleaseletmein", `scrypt$16384$8$1$${salt}$${hash}`);
    expect(answer).toEqual({ kind: "right", isOutdated: true });
  });

  it("asks for a new hash only where the stored one took less work than today's", async () => {
    const weaker = await verifyPassword(PASSWORD, encoded(8192, 8, 5, PASSWORD));
    const equal = await verifyPassword(PASSWORD, encoded(8192, 8, 10, PASSWORD));
    expect(weaker).toEqual({ kind: "right", isOutdated: true });
    expect(equal).toEqual({ kind: "right", isOutdated: false });
  });

  it("is the same however its accents are encoded", async () => {
    const hash = await hashPassword("caf\u00e9 au lait, s\u2019il vous");
    const answer = await verifyPassword("cafe\u0301 au lait, s\u2019il vous", hash);
    expect(answer.kind).toBe("right");
  });

  it("is refused beyond the longest length, even when its beginning is right", async () => {
    const longest = "x".repeat(PASSWORD_LENGTH_MAX);
    const hash = await hashPassword(longest);
    expect((await verifyPassword(longest, hash)).kind).toBe("right");
    expect((await verifyPassword(`${longest}x`, hash)).kind).toBe("wrong");
    await expect(hashPassword(`${longest}x`)).rejects.toThrow("too long");
  });

  it("costs an unknown address the work of a wrong password", async () => {
    const hash = await hashPassword(PASSWORD);
    const known = await cpuMsOf(() => verifyPassword("a wrong password", hash));
    const unknown = await cpuMsOf(() => verifyPassword("a wrong password", null));
    expect(await verifyPassword("a wrong password", null)).toEqual({ kind: "wrong" });
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it("is reported as a bug where the stored hash cannot be read", async () => {
    await expect(verifyPassword(PASSWORD, "bcrypt$whatever")).rejects.toThrow("scrypt$N$r$p");
  });

  it("is long enough when we generate it", () => {
    expect(generatePassword().length).toBeGreaterThanOrEqual(PASSWORD_LENGTH_MIN);
    expect(generatePassword()).not.toBe(generatePassword());
  });
});

/** CPU time of the process over three runs: unlike the clock, it does not see the neighbours. */
async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let run = 0; run < 3; run += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { registryOf } from "../registry/registry-stub.ts";
import { admitAttempt } from "./signin-guard.ts";
import { askResource } from "./testing/dashboard.ts";

const LIST = { command: "token-list" };
const WEAK = "x".repeat(31);

async function knock(door: string, secret: string | null, clientAddress: string, on: Env = env) {
  const request = new Request(`https://cepatedge.example/${door}`, {
    method: "POST",
    body: JSON.stringify(LIST),
    headers: {
      "CF-Connecting-IP": clientAddress,
      ...(secret === null ? {} : { Authorization: `Bearer ${secret}` }),
    },
  });
  const response = await askResource(on, door, request);
  const { code, detail }: Record<string, unknown> = await response.json();
  return { status: response.status, code, detail, retryAfter: response.headers.get("Retry-After") };
}

/** The statuses of that many guesses, one after the other. */
async function guess(times: number, clientAddress: string, secret: string | null = "a guess") {
  const statuses: number[] = [];
  for (let index = 0; index < times; index += 1) {
    statuses.push((await knock("access", secret, clientAddress)).status);
  }
  return statuses;
}

describe("A door that opens to BOOTSTRAP_SECRET", () => {
  it.each(["access", "bootstrap"])("/%s is shut where the secret can be guessed", async (door) => {
    const weak = { ...env, BOOTSTRAP_SECRET: WEAK };
    expect(await knock(door, WEAK, "203.0.113.10", weak)).toMatchObject({
      status: 404,
      code: "not-found",
      detail: expect.stringContaining("at least 32 characters"),
    });
  });

  it("is locked for an address after twenty guesses, also for the right secret", async () => {
    const clientAddress = "203.0.113.11";
    expect(await guess(20, clientAddress)).toEqual(Array.from({ length: 20 }, () => 401));
    for (const door of ["access", "bootstrap"]) {
      expect(await knock(door, env.BOOTSTRAP_SECRET, clientAddress)).toMatchObject({
        status: 429,
        code: "locked",
        detail: expect.stringMatching(/^Too many failed sign-ins\. Try again in \d+ seconds\.$/),
        retryAfter: expect.stringMatching(/^\d+$/),
      });
    }
    expect((await knock("access", env.BOOTSTRAP_SECRET, "203.0.113.12")).status).toBe(200);
  });

  it("counts together with the sign-in page", async () => {
    const clientAddress = "203.0.113.13";
    await guess(20, clientAddress);
    const attempt = { email: "ada@secret-door.example", clientAddress };
    expect((await admitAttempt(env, attempt)).kind).toBe("locked");
  });

  it("counts nothing against whoever knows the secret", async () => {
    const right = await guess(25, "203.0.113.14", env.BOOTSTRAP_SECRET);
    expect(right).toEqual(Array.from({ length: 25 }, () => 200));
  });

  it("counts no request without a secret, which any site can make a browser send", async () => {
    const clientAddress = "203.0.113.15";
    expect(await guess(25, clientAddress, null)).toEqual(Array.from({ length: 25 }, () => 401));
    expect((await knock("access", env.BOOTSTRAP_SECRET, clientAddress)).status).toBe(200);
  });

  it("leaves one event for each attempt, as the sign-in page does", async () => {
    const before = await registryOf(env).pendingEvents(500);
    await guess(22, "203.0.113.16");
    const events = (await registryOf(env).pendingEvents(500)).slice(before.length);
    expect(events).toHaveLength(22);
    expect(events.at(19)?.reason).toBe("The bootstrap secret was wrong.");
    expect(events.at(-1)).toMatchObject({
      action: "access.command",
      outcome: "refused",
      reason: expect.stringMatching(/^Locked after too many failures, for \d+ s more\.$/),
    });
  });
});

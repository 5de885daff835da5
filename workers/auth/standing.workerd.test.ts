import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SessionRecord } from "./sessions.ts";
import {
  currentRole,
  STANDING_FRESH_MS,
  STANDING_RETRY_MS,
  STANDING_WAIT_MS,
  type StandingAnswer,
} from "./standing.ts";

const SIGNED_IN_MS = 1_800_000_000_000;

/** An operator's pages at chosen times, and what the database says to each question. */
function pagesOf(...answers: StandingAnswer[]) {
  const session: SessionRecord = {
    operatorId: crypto.randomUUID(),
    email: "ops@example.com",
    role: "operator",
    signedInAtMs: SIGNED_IN_MS,
  };
  let questions = 0;
  const visit = async (afterMs: number, from = session) => {
    const pending: Promise<unknown>[] = [];
    const role = await currentRole(from, {
      kv: env.SESSIONS,
      askDatabase: async () => answers[questions++] ?? { kind: "unavailable" },
      nowMs: SIGNED_IN_MS + afterMs,
      waitUntil: (work) => pending.push(work),
    });
    await Promise.all(pending);
    return role;
  };
  return { session, visit, questions: () => questions };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("the role of a session", () => {
  it("is taken from the sign-in for five minutes, without a question", async () => {
    const { visit, questions } = pagesOf();
    expect(await visit(STANDING_FRESH_MS - 1)).toBe("operator");
    expect(questions()).toBe(0);
  });

  it("follows the database after five minutes, asked once in five more", async () => {
    const { visit, questions } = pagesOf({ kind: "known", role: "viewer", disabled: false });
    expect(await visit(STANDING_FRESH_MS)).toBe("viewer");
    expect(await visit(2 * STANDING_FRESH_MS - 1)).toBe("viewer");
    expect(questions()).toBe(1);
  });

  it.each<StandingAnswer>([{ kind: "known", role: "operator", disabled: true }, { kind: "gone" }])(
    "is none for an operator who is %j",
    async (answer) => {
      const { visit } = pagesOf(answer);
      expect(await visit(STANDING_FRESH_MS)).toBeNull();
      expect(await visit(STANDING_FRESH_MS + 1)).toBeNull();
    },
  );

  it("stays while the database does not answer, which is asked once a minute", async () => {
    const { visit, questions } = pagesOf();
    expect(await visit(STANDING_FRESH_MS)).toBe("operator");
    expect(await visit(STANDING_FRESH_MS + STANDING_RETRY_MS - 1)).toBe("operator");
    expect(questions()).toBe(1);
    expect(await visit(STANDING_FRESH_MS + STANDING_RETRY_MS)).toBe("operator");
    expect(questions()).toBe(2);
  });

  it("stays none when the database goes away after it has said so", async () => {
    const { visit } = pagesOf({ kind: "known", role: "operator", disabled: true });
    expect(await visit(STANDING_FRESH_MS)).toBeNull();
    expect(await visit(2 * STANDING_FRESH_MS)).toBeNull();
  });

  it("is that of a later sign-in, whatever an earlier session has left behind", async () => {
    const { session, visit } = pagesOf({ kind: "known", role: "viewer", disabled: true });
    expect(await visit(STANDING_FRESH_MS)).toBeNull();
    const signedInAtMs = SIGNED_IN_MS + STANDING_FRESH_MS + 1;
    const later = { ...session, role: "admin" as const, signedInAtMs };
    expect(await visit(STANDING_FRESH_MS + 2, later)).toBe("admin");
  });

  it("does not wait for a database that hangs", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { session } = pagesOf();
    const role = await currentRole(session, {
      kv: env.SESSIONS,
      askDatabase: () => {
        queueMicrotask(() => vi.advanceTimersByTime(STANDING_WAIT_MS));
        return new Promise<StandingAnswer>(() => undefined);
      },
      nowMs: SIGNED_IN_MS + STANDING_FRESH_MS,
      waitUntil: () => undefined,
    });
    expect(role).toBe("operator");
  });
});

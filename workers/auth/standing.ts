import { z } from "zod";
import type { Role } from "../contracts.ts";
import { MINUTE_MS, SECOND_MS } from "../lib/clock.ts";
import { askKv } from "./ask-kv.ts";
import { SESSION_LIFE_MS, type SessionRecord } from "./sessions.ts";

/** How long a changed role or a disabled operator may go unnoticed while the database answers. */
export const STANDING_FRESH_MS = 5 * MINUTE_MS;

/** After the database has not answered: how long no page asks again. */
export const STANDING_RETRY_MS = MINUTE_MS;

/** How long a page waits for the database before it goes on with what is known. */
export const STANDING_WAIT_MS = 1_500;

const standingSchema = z.object({
  role: z.enum(["viewer", "operator", "admin"]),
  disabled: z.boolean(),
  /** When the database said so. A later sign-in knows better. */
  saidAtMs: z.number(),
  /** No page asks the database before this. */
  askAgainAtMs: z.number(),
});

/** What the database last said about an operator. */
export type Standing = z.infer<typeof standingSchema>;

/** What the database says about the operator now. */
export type StandingAnswer =
  | { kind: "known"; role: Role; disabled: boolean }
  | { kind: "gone" }
  | { kind: "unavailable" };

export interface StandingSources {
  kv: KVNamespace;
  askDatabase(operatorId: string): Promise<StandingAnswer>;
  nowMs: number;
  /** Keeps the write alive after the answer has gone out. */
  waitUntil(work: Promise<unknown>): void;
}

/**
 * The role that the session's operator has now; null when the operator was disabled or removed.
 * `unavailable`: KV does not say what is known, and it might say just that.
 *
 * The database is asked at most once in 5 minutes for each operator, over all data centres that
 * see the same KV value. When it does not answer, what was last known goes on to hold, at the
 * longest until the session ends, so that a signed-in operator can drain during an outage.
 */
export async function currentRole(
  session: SessionRecord,
  sources: StandingSources,
): Promise<Role | "unavailable" | null> {
  const kept = await readStanding(sources.kv, session.operatorId);
  if (kept === "unavailable") return kept;
  const known =
    kept !== null && kept.saidAtMs >= session.signedInAtMs ? kept : standingAtSignIn(session);
  if (sources.nowMs < known.askAgainAtMs) return roleOf(known);
  const answer = await withinWait(sources.askDatabase(session.operatorId));
  const standing = standingAfter(answer, known, sources.nowMs);
  sources.waitUntil(writeStanding(sources.kv, session.operatorId, standing));
  return roleOf(standing);
}

function standingAtSignIn(session: SessionRecord): Standing {
  const { role, signedInAtMs } = session;
  return freshStanding(role, false, signedInAtMs);
}

function standingAfter(answer: StandingAnswer, known: Standing, nowMs: number): Standing {
  switch (answer.kind) {
    case "known":
      return freshStanding(answer.role, answer.disabled, nowMs);
    case "gone":
      return freshStanding(known.role, true, nowMs);
    case "unavailable":
      return { ...known, askAgainAtMs: nowMs + STANDING_RETRY_MS };
    default:
      return answer satisfies never;
  }
}

function freshStanding(role: Role, disabled: boolean, saidAtMs: number): Standing {
  return { role, disabled, saidAtMs, askAgainAtMs: saidAtMs + STANDING_FRESH_MS };
}

function roleOf(standing: Standing): Role | null {
  return standing.disabled ? null : standing.role;
}

async function readStanding(
  kv: KVNamespace,
  operatorId: string,
): Promise<Standing | "unavailable" | null> {
  const kept = await askKv(() => kv.get(standingKey(operatorId), "json"));
  if (kept.kind === "failed") return "unavailable";
  const standing = standingSchema.safeParse(kept.value);
  return standing.success ? standing.data : null;
}

/**
 * KV takes one write a second for a key and refuses more. A refused write loses nothing: whoever
 * wrote had asked the same question, and at worst the next page asks it again.
 */
async function writeStanding(kv: KVNamespace, operatorId: string, standing: Standing) {
  const options = { expirationTtl: SESSION_LIFE_MS / SECOND_MS };
  try {
    await kv.put(standingKey(operatorId), JSON.stringify(standing), options);
  } catch {
    return;
  }
}

function standingKey(operatorId: string): string {
  return `standing:${operatorId}`;
}

async function withinWait(answer: Promise<StandingAnswer>): Promise<StandingAnswer> {
  const { promise, resolve } = Promise.withResolvers<StandingAnswer>();
  const timer = setTimeout(() => resolve({ kind: "unavailable" }), STANDING_WAIT_MS);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

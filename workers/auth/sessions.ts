import { createWorkersKVSessionStorage } from "@react-router/cloudflare";
import { type Cookie, createCookie } from "react-router";
import { z } from "zod";
import { HOUR_MS, SECOND_MS } from "../lib/clock.ts";
import { askKv } from "./ask-kv.ts";

/**
 * Counted from the sign-in, whatever is done meanwhile: a working day and a night shift fit, and a
 * forgotten browser does not stay signed in
 * (https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#absolute-timeout).
 */
export const SESSION_LIFE_MS = 12 * HOUR_MS;

/** Browsers take a `__Host-` cookie only with Secure, Path=/ and no Domain, so no sibling host can plant one. */
const SECURE_COOKIE_NAME = "__Host-cepatedge";

/** For development on plain http, where browsers refuse Secure cookies. */
const PLAIN_COOKIE_NAME = "cepatedge-dev";

/** An HMAC-SHA-256 key shorter than its hash weakens the signature (RFC 2104, section 3). */
const SESSION_SECRET_LENGTH_MIN = 32;

const recordSchema = z.object({
  operatorId: z.string(),
  email: z.string(),
  role: z.enum(["viewer", "operator", "admin"]),
  signedInAtMs: z.number(),
});

/** All that a page needs of an operator, so that it is served while the database is down. */
export type SessionRecord = z.infer<typeof recordSchema>;

export type SessionEnv = Pick<Env, "SESSIONS" | "SESSION_SECRET">;

/** The sessions of one request. It holds I/O of that request and is not kept beyond it. */
export interface RequestSessions {
  /**
   * Null: no cookie, a forged or ended one, or one whose twelve hours are over. `unavailable`: the
   * cookie is ours, and KV does not say whose it is.
   */
  read(nowMs: number): Promise<SessionRecord | "unavailable" | null>;
  /**
   * Starts a session under a new id, ends the one that the browser brought; the Set-Cookie. Null:
   * KV does not take it, and there is no session.
   */
  begin(record: SessionRecord): Promise<string | null>;
  /**
   * Ends the browser's session, if there is one; the Set-Cookie that removes it there as well, also
   * where KV does not answer: then only that browser forgets it, until its twelve hours are over.
   */
  end(): Promise<string>;
}

/**
 * Operators' sessions in KV, found by a signed cookie.
 *
 * KV is eventually consistent: an ended session is gone at once where it was ended, and for up to
 * 60 s another data centre that has read it lately may still answer it. The browser loses its
 * cookie with the sign-out, so that window is open only to somebody who has stolen the cookie.
 * For the same reason a session is written once and never again: a late update cannot bring an
 * ended one back. What changes about an operator is kept apart, in standing.ts.
 *
 * Throws when `SESSION_SECRET` is missing or short: unsigned sessions would be worse than none.
 */
export function sessionsOf(env: SessionEnv, request: Request): RequestSessions {
  const cookie = cookieFor(env, new URL(request.url).protocol === "https:");
  const storage = createWorkersKVSessionStorage({ cookie, kv: env.SESSIONS });
  const cookieHeader = request.headers.get("Cookie");

  return {
    async read(nowMs) {
      const session = await askKv(() => storage.getSession(cookieHeader));
      if (session.kind === "failed") return "unavailable";
      const record = recordSchema.safeParse(session.value.data);
      if (!record.success) return null;
      return nowMs < record.data.signedInAtMs + SESSION_LIFE_MS ? record.data : null;
    },

    async begin(record) {
      const begun = await askKv(async () => {
        await storage.destroySession(await storage.getSession(cookieHeader));
        const session = await storage.getSession();
        for (const [name, value] of Object.entries(record)) session.set(name, value);
        return storage.commitSession(session);
      });
      return begun.kind === "answered" ? begun.value : null;
    },

    async end() {
      const ended = await askKv(async () =>
        storage.destroySession(await storage.getSession(cookieHeader)),
      );
      return ended.kind === "answered" ? ended.value : cookie.serialize("", { maxAge: 0 });
    },
  };
}

function cookieFor(env: SessionEnv, isSecure: boolean): Cookie {
  if (env.SESSION_SECRET.length < SESSION_SECRET_LENGTH_MIN) {
    throw new Error(
      `SESSION_SECRET must have at least ${SESSION_SECRET_LENGTH_MIN} characters; ` +
        "set it with `npx wrangler secret put SESSION_SECRET`.",
    );
  }
  return createCookie(isSecure ? SECURE_COOKIE_NAME : PLAIN_COOKIE_NAME, {
    secrets: [env.SESSION_SECRET],
    secure: isSecure,
    httpOnly: true,
    sameSite: "lax",
    path: "/",
    maxAge: SESSION_LIFE_MS / SECOND_MS,
  });
}

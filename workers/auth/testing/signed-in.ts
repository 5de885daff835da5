import type { Role } from "../../contracts.ts";
import { sessionsOf } from "../sessions.ts";

const SITE = "https://cepatedge.example";

/** The role counts as it stands in the session while the database cannot be asked. */
export function withoutDatabase(env: Env): Env {
  return { ...env, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
}

/** The cookie of somebody new with that role, who has just signed in. */
export async function cookieOf(env: Env, role: Role): Promise<string> {
  const email = `${role}@signed-in.example`;
  const record = { operatorId: crypto.randomUUID(), email, role, signedInAtMs: Date.now() };
  const set = await sessionsOf(env, new Request(SITE)).begin(record);
  return set?.split(";")[0] ?? "";
}

/** A form of this site's own page. */
export function formOf(path: string, fields: Record<string, string>, cookie: string): Request {
  const headers = { "Sec-Fetch-Site": "same-origin", Cookie: cookie };
  const body = new URLSearchParams(fields);
  return new Request(new URL(path, SITE), { method: "POST", body, headers });
}

export function pageOf(path: string, cookie: string): Request {
  return new Request(new URL(path, SITE), { headers: { Cookie: cookie } });
}

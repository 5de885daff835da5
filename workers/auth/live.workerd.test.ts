import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { RouterContextProvider } from "react-router";
import { describe, expect, it } from "vitest";
import { cloudflareContext } from "../../app/context.ts";
import { openLive } from "../../app/live.server.ts";
import type { Role } from "../contracts.ts";
import { sessionsOf } from "./sessions.ts";

const SITE = "https://cepatedge.example";

async function cookieOf(role: Role): Promise<string> {
  const request = new Request(SITE);
  const record = { operatorId: crypto.randomUUID(), email: `${role}@live.example`, role };
  const set = await sessionsOf(env, request).begin({ ...record, signedInAtMs: Date.now() });
  return set?.split(";")[0] ?? "";
}

async function ask(headers: Record<string, string>): Promise<Response> {
  const ctx = createExecutionContext();
  const context = new RouterContextProvider();
  // The role counts as it stands in the session while the database cannot be asked.
  const databaseDown = { ...env, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
  context.set(cloudflareContext, { env: databaseDown, ctx });
  const response = await openLive(new Request(`${SITE}/live`, { headers }), context);
  await waitOnExecutionContext(ctx);
  return response;
}

describe("the dashboard's WebSocket", () => {
  it("opens for a viewer on a page of this site", async () => {
    const Cookie = await cookieOf("viewer");
    const response = await ask({ Upgrade: "websocket", Origin: SITE, Cookie });
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    response.webSocket?.close();
  });

  it("stays shut for whoever is not signed in", async () => {
    const response = await ask({ Upgrade: "websocket", Origin: SITE });
    expect(response.status).toBe(401);
    expect(response.webSocket).toBeNull();
  });

  it("stays shut for a page of another site, whoever its reader is", async () => {
    const Cookie = await cookieOf("admin");
    const elsewhere: Record<string, string>[] = [{}, { Origin: "https://evil.example" }];
    for (const origin of elsewhere) {
      const response = await ask({ Upgrade: "websocket", Cookie, ...origin });
      expect(response.status).toBe(403);
      expect(response.webSocket).toBeNull();
    }
  });

  it("tells a request that is no handshake what it is for", async () => {
    const response = await ask({ Origin: SITE, Cookie: await cookieOf("viewer") });
    expect(response.status).toBe(426);
    expect(response.headers.get("Cache-Control")).toBe("private, no-store");
  });
});

import type { RouterContextProvider } from "react-router";
import { LIVE_WHO_HEADER } from "../workers/registry/live-channel.ts";
import { registryOf } from "../workers/registry/registry-stub.ts";
import { optionalOperator } from "./auth.server.ts";
import { cloudflareContext } from "./context.ts";
import { setSecurityHeaders } from "./security-headers.server.ts";

const LIVE_PATH = "/live";

export function isLiveRequest(request: Request): boolean {
  return new URL(request.url).pathname === LIVE_PATH;
}

/**
 * The dashboard's WebSocket: the registry says through it that something has changed, and nothing
 * else, so it may outlive the session that opened it. Opened for whoever is signed in, from a page
 * of this site only: a browser sends the cookie with a handshake from any site, and always tells
 * the site's origin (RFC 6455, section 10.2). 426, 403 or 401 where it is not; 503 where the
 * registry, or KV with the sessions, does not answer. Never rejects.
 */
export async function openLive(
  request: Request,
  context: Readonly<RouterContextProvider>,
): Promise<Response> {
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    return refusal(request, 426, "This address is for WebSockets.");
  }
  if (request.headers.get("Origin") !== new URL(request.url).origin) {
    return refusal(request, 403, "Only a page of this site may open it.");
  }
  const operator = await optionalOperator({ request, context }).catch(() => "unreadable" as const);
  if (operator === "unreadable") return refusal(request, 503, "Sessions cannot be read now.");
  if (operator === null) return refusal(request, 401, "Sign in first.");
  try {
    const { env } = context.get(cloudflareContext);
    // Headers of its own: the cookie is none of the registry's business.
    const headers = { Upgrade: "websocket", [LIVE_WHO_HEADER]: operator.id };
    return await registryOf(env).fetch("https://registry/live", { headers });
  } catch {
    return refusal(request, 503, "The registry does not answer.");
  }
}

function refusal(request: Request, status: number, message: string): Response {
  const headers = new Headers({ "Content-Type": "text/plain; charset=utf-8" });
  if (status === 426) headers.set("Upgrade", "websocket");
  setSecurityHeaders(headers, request);
  return new Response(`${message}\n`, { status, headers });
}

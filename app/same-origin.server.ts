import { data } from "react-router";
import type { Forbidden } from "./auth.server.ts";

/** Methods that change nothing (RFC 9110, section 9.2.1). */
export const SAFE_METHODS = ["GET", "HEAD"];

/** Paths that authenticate by a bearer secret: no browser sends one by itself. */
const BEARER_PATHS = ["/bootstrap", "/bootstrap.data", "/access", "/access.data"];

/**
 * Refuses, with a thrown 403 (`Forbidden`), a request that could change something and does not
 * come from a page of this site.
 *
 * The order is that of Go's CrossOriginProtection (https://pkg.go.dev/net/http#CrossOriginProtection):
 * `Sec-Fetch-Site` first, which no page can forge; `Origin` where a browser does not send it, as on
 * plain http outside localhost. Where both are absent Go lets the request pass, and so does React
 * Router's own check; here it is refused: nothing but a browser has a session cookie to send.
 * `same-site` is refused too: a neighbouring subdomain is another party. `none` is somebody's own
 * hand in the address bar or on a bookmark, which no other site can move.
 */
export function assertSameOrigin(request: Request): void {
  if (SAFE_METHODS.includes(request.method) || isFromThisSite(request)) return;
  const forbidden: Forbidden = {
    code: "cross-site",
    title: "Not sent from this page",
    message:
      "This request did not come from a page of CepatEdge, so nothing was done. " +
      "Open the page itself and try again.",
  };
  throw data(forbidden, { status: 403 });
}

/**
 * For `export const middleware` of the root route. React Router may skip middleware for a target
 * without a loader, and its own check does not cover resource routes, so `requireOperator` asks
 * `assertSameOrigin` again.
 */
export function sameOriginMiddleware({ request }: { request: Request }): void {
  if (BEARER_PATHS.includes(new URL(request.url).pathname)) return;
  assertSameOrigin(request);
}

/** The judgement of `assertSameOrigin`, whatever the method. */
export function isFromThisSite(request: Request): boolean {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site !== null) return site === "same-origin" || site === "none";
  return request.headers.get("Origin") === new URL(request.url).origin;
}

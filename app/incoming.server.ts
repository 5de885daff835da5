import { isFromThisSite, SAFE_METHODS } from "./same-origin.server.ts";

/**
 * A request as React Router is to see it. Two things of it would make the router answer with a bare
 * page of its own and write to the log, for anybody who can reach the dashboard:
 *
 * - A foreign `Origin` meets a check of its own before any middleware. Where a request comes from
 *   is decided here instead, and told as `Sec-Fetch-Site`; `assertSameOrigin` then refuses it with
 *   the page that says so.
 * - A path whose percent-encoding is no UTF-8 is taken by its letters: nothing is found there.
 */
export function asRouterSees(request: Request): Request {
  const readable = withReadablePath(request);
  if (SAFE_METHODS.includes(request.method)) return readable;
  const headers = new Headers(request.headers);
  headers.set("Sec-Fetch-Site", isFromThisSite(request) ? "same-origin" : "cross-site");
  headers.delete("Origin");
  return new Request(readable, { headers });
}

function withReadablePath(request: Request): Request {
  const url = new URL(request.url);
  if (isReadable(url.pathname)) return request;
  url.pathname = url.pathname.replaceAll("%", "%25");
  return new Request(url, request);
}

function isReadable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

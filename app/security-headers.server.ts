/**
 * Headers of every page. The policy names a nonce per document, so that the only inline scripts
 * which run are those that React and React Router wrote into this very page.
 * `style-src-attr` is open because a bar's length is a style attribute; it cannot load anything.
 * The WebSocket of /live is named: not every browser takes 'self' to mean it as well.
 */
export function contentSecurityPolicy(nonce: string, url: URL, development: boolean): string {
  const inlineStyle = development ? " 'unsafe-inline'" : "";
  const hotReload = development ? " ws:" : "";
  const live = `${url.protocol === "https:" ? "wss" : "ws"}://${url.host}`;
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self'${inlineStyle}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${live}${hotReload}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const ALWAYS: readonly (readonly [string, string])[] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "same-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
];

/**
 * For `export const middleware` of the root route: pages, data requests, redirects and files alike.
 * Only a page of its own needs a policy for what it may load; `entry.server.tsx` sets that.
 */
export async function securityHeadersMiddleware(
  { request }: { request: Request },
  next: () => Promise<Response>,
): Promise<Response> {
  const response = await next();
  setSecurityHeaders(response.headers, request);
  return response;
}

const ONE_YEAR_SECONDS = 31_536_000;

/** Whatever caching a route has chosen stays. */
export function setSecurityHeaders(headers: Headers, request: Request): void {
  for (const [name, value] of ALWAYS) headers.set(name, value);
  // What an operator saw must not come back from a shared cache or, after sign-out, from disk.
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-store");
  if (new URL(request.url).protocol === "https:") {
    headers.set("Strict-Transport-Security", `max-age=${ONE_YEAR_SECONDS}; includeSubDomains`);
  }
}

/**
 * A page streams its slow panels only to a browser that has shown that it runs script: React puts
 * a late panel in place by an inline script, so without script a reader would see placeholders
 * for ever. Whoever has not shown it gets the whole page at once, a little later.
 */
const SCRIPT_COOKIE = "cepatedge-script";

export function runsScript(request: Request): boolean {
  const cookies = request.headers.get("Cookie") ?? "";
  return cookies.split(/;\s*/).includes(`${SCRIPT_COOKIE}=1`);
}

/** For a reader who has switched script off since: `<noscript>` sends the page here. */
export function forgetScriptCookie(): string {
  return `${SCRIPT_COOKIE}=0; Path=/; Max-Age=0; SameSite=Lax`;
}

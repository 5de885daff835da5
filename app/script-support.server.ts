import { isbot } from "isbot";

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

/** Whether the answer is sent in parts. Robots that read pages for others want the whole as well. */
export function streamsTo(request: Request): boolean {
  return runsScript(request) && !isbot(request.headers.get("User-Agent"));
}

/** For a reader who has switched script off since: `<noscript>` sends the page here. */
export function forgetScriptCookie(): string {
  return `${SCRIPT_COOKIE}=0; Path=/; Max-Age=0; SameSite=Lax`;
}

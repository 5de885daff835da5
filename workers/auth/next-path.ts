/** Where a sign-in leads when nothing better is known. */
const HOME = "/";

/** Longer than any address of the dashboard, filters included. */
const NEXT_LENGTH_MAX = 2_000;

/** Any origin will do: it only shows whether a path leads away from where it is resolved. */
const ANY_ORIGIN = "https://this-site.invalid";

/** Pages that one must not be led back to after signing in. */
const NEVER_NEXT = ["/login", "/sign-out"];

/**
 * The page to go to after signing in: `next` where it is a path of this site, else `/`.
 *
 * A path is resolved as a browser would, because `//host`, `/\host` and control characters are
 * read as another site by some of them
 * (https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html).
 */
export function safeNext(next: string | null): string {
  if (next === null || next.length > NEXT_LENGTH_MAX || !/^\/[\x21-\x7e]*$/.test(next)) return HOME;
  if (next.includes("\\") || !URL.canParse(next, ANY_ORIGIN)) return HOME;
  const url = new URL(next, ANY_ORIGIN);
  // `/.//host` stays on this origin when resolved once, and leaves it when resolved again.
  if (url.origin !== ANY_ORIGIN || url.pathname.startsWith("//")) return HOME;
  if (NEVER_NEXT.includes(url.pathname.replace(/\.data$/, ""))) return HOME;
  return `${url.pathname}${url.search}${url.hash}`;
}

/** Where the browser is, without React Router's own decorations of a data request. */
export function pagePathOf(request: Request): string {
  const url = new URL(request.url);
  const pathname = url.pathname.replace(/\/_\.data$/, "/").replace(/\.data$/, "");
  url.searchParams.delete("_routes");
  url.searchParams.delete("index");
  return `${pathname}${url.search}`;
}

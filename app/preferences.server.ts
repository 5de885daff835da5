import { createCookie } from "react-router";
import { z } from "zod";
import { DEFAULT_PREFERENCES, type Preferences, THEMES, UTC } from "./preferences.ts";

const COOKIE_SECONDS = 365 * 24 * 3_600;

const preferencesCookie = createCookie("cepatedge-preferences", {
  path: "/",
  sameSite: "lax",
  httpOnly: true,
  maxAge: COOKIE_SECONDS,
});

const preferencesSchema = z.object({
  theme: z.enum(THEMES).catch(DEFAULT_PREFERENCES.theme),
  timeZone: z.string().refine(isTimeZone).catch(DEFAULT_PREFERENCES.timeZone),
});

/** A cookie that is missing, old or tampered with gives the defaults, never an error. */
export async function readPreferences(request: Request): Promise<Preferences> {
  const value: unknown = await preferencesCookie
    .parse(request.headers.get("Cookie"))
    .catch(() => null);
  const parsed = preferencesSchema.safeParse(value);
  return parsed.success ? parsed.data : DEFAULT_PREFERENCES;
}

/** The `Set-Cookie` that keeps `current` with what the form changed. */
export async function preferencesAfter(
  current: Preferences,
  fields: Record<string, string>,
  guessedTimeZone: string | undefined,
): Promise<string> {
  const theme = THEMES.find((name) => name === fields["theme"]) ?? current.theme;
  const timeZone = timeZoneAfter(current.timeZone, fields, guessedTimeZone);
  return await preferencesCookie.serialize({ theme, timeZone });
}

/**
 * `times=local` means the zone that the browser's script filled in; without script, the zone that
 * Cloudflare guesses from the address; without either, UTC.
 */
function timeZoneAfter(
  current: string,
  { times, localZone }: Record<string, string>,
  guessed: string | undefined,
): string {
  if (times === "utc") return UTC;
  if (times !== "local") return current;
  return [localZone, guessed].find(isTimeZone) ?? UTC;
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== "string" || name === "") return false;
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}

/** Only a path of this site: a form cannot send its reader elsewhere. */
export function safeReturnPath(value: unknown): string {
  if (typeof value !== "string" || !value.startsWith("/")) return "/";
  const base = "https://dashboard.invalid";
  const url = URL.canParse(value, base) ? new URL(value, base) : null;
  // `/.//host` stays on this origin when resolved once, and leaves it when resolved again.
  if (url?.origin !== base || url.pathname.startsWith("//")) return "/";
  return `${url.pathname}${url.search}`;
}

import { redirect } from "react-router";
import { readFormFields } from "../form-fields.server.ts";
import { preferencesAfter, readPreferences, safeReturnPath } from "../preferences.server.ts";
import { assertSameOrigin } from "../same-origin.server.ts";
import { forgetScriptCookie } from "../script-support.server.ts";
import type { Route } from "./+types/preferences";

/** `?script=off`: a browser that has stopped running script asks for whole pages from now on. */
export function loader({ request }: Route.LoaderArgs) {
  const { searchParams } = new URL(request.url);
  const headers = new Headers();
  if (searchParams.get("script") === "off") headers.set("Set-Cookie", forgetScriptCookie());
  return redirect(safeReturnPath(searchParams.get("to")), { headers });
}

/** Light or dark, UTC or local: also for whoever is not signed in. Changes one cookie. */
export async function action({ request }: Route.ActionArgs) {
  assertSameOrigin(request);
  const fields = (await readFormFields(request)) ?? {};
  const guessedTimeZone = request.cf?.timezone;
  const cookie = await preferencesAfter(
    await readPreferences(request),
    fields,
    typeof guessedTimeZone === "string" ? guessedTimeZone : undefined,
  );
  return redirect(safeReturnPath(fields["to"]), { headers: { "Set-Cookie": cookie } });
}

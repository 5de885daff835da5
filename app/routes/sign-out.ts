import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  redirect,
  redirectDocument,
} from "react-router";
import { getService } from "../../workers/services/services.ts";
import { optionalOperator } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import { recordAuditEvent } from "../record-audit-event.server.ts";
import { assertSameOrigin } from "../same-origin.server.ts";

/** Where Access ends its own session; without that it would sign the operator in again at once. */
const ACCESS_SIGN_OUT_PATH = "/cdn-cgi/access/logout";

/** A link must not sign anybody out; signing out is a form. */
export function loader(_args: LoaderFunctionArgs) {
  return redirect("/");
}

/** Ends the session. Doing it twice, or without having one, is no error. */
export async function action(args: ActionFunctionArgs) {
  assertSameOrigin(args.request);
  const { env } = args.context.get(cloudflareContext);
  // Whom KV does not name can leave all the same; only the audit trail has nobody to name.
  const operator = await optionalOperator(args).catch(() => null);
  const cookie = await getService("sessions", env)(args.request).end();
  if (operator !== null) {
    await recordAuditEvent(env, {
      actor: operator.actor,
      action: "sign-out",
      subject: operator.email,
      outcome: "done",
      reason: "",
      before: null,
      after: null,
    });
  }
  const init = { status: 303, headers: { "Set-Cookie": cookie } };
  return getService("access", env) === null
    ? redirect("/login", init)
    : redirectDocument(ACCESS_SIGN_OUT_PATH, init);
}

import type { ActionFunctionArgs } from "react-router";
import { z } from "zod";
import { recordAuditEvent } from "../record-audit-event.server.ts";
import { cloudflareContext } from "../context.ts";
import { problem, readJson, refusalAtDoor, wrongMethod } from "../secret-door.server.ts";
import { ACCESS_COMMAND, addOperator, resetOperator } from "./access-operators.server.ts";
import { createToken, listTokens, revokeToken } from "./access-tokens.server.ts";

const NAME_LENGTH_MAX = 100;
const RATE_MAX = 1_000_000;

const email = z.email("`email` is not an e-mail address.").max(254);

/** What `npm run access` asks for. */
const commandSchema = z.discriminatedUnion("command", [
  z.strictObject({
    command: z.literal("token-create"),
    name: z.string().trim().min(1, "A token has a name.").max(NAME_LENGTH_MAX),
    scopes: z
      .array(z.enum(["read", "write"]))
      .min(1, "A token has a scope.")
      .max(2),
    ratePerSecond: z.int().min(1).max(RATE_MAX).nullable(),
  }),
  z.strictObject({ command: z.literal("token-list") }),
  z.strictObject({ command: z.literal("token-revoke"), id: z.string().min(1).max(100) }),
  z.strictObject({
    command: z.literal("operator-add"),
    email,
    role: z.enum(["viewer", "operator", "admin"]),
  }),
  z.strictObject({ command: z.literal("operator-reset"), email }),
]);

export function loader() {
  return wrongMethod();
}

/**
 * Tokens and operators, for whoever knows `BOOTSTRAP_SECRET`: the way in when nobody has a password
 * any more, and the one by which a leaked token is revoked. Errors are problem+json. Every command
 * that changes something, whatever became of it, and every request that is none or has a wrong
 * secret, leaves one audit event.
 */
export async function action({ request, context }: ActionFunctionArgs): Promise<Response> {
  const { env } = context.get(cloudflareContext);
  const refused = await refusalAtDoor(request, env, (reason) => recordRefusal(env, reason));
  if (refused !== null) return refused;
  const parsed = commandSchema.safeParse(await readJson(request));
  if (!parsed.success) {
    await recordRefusal(env, "It was no command.");
    return problem(400, "bad-input", z.prettifyError(parsed.error));
  }
  const { data: asked } = parsed;
  switch (asked.command) {
    case "token-create":
      return createToken(env, asked);
    case "token-list":
      return listTokens(env);
    case "token-revoke":
      return revokeToken(env, asked.id);
    case "operator-add":
      return addOperator(env, asked);
    case "operator-reset":
      return resetOperator(env, asked.email);
    default:
      return asked satisfies never;
  }
}

function recordRefusal(env: Env, reason: string): Promise<void> {
  return recordAuditEvent(env, {
    actor: ACCESS_COMMAND,
    action: "access.command",
    subject: "access",
    outcome: "refused",
    reason,
    before: null,
    after: null,
  });
}

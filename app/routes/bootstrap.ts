import type { ActionFunctionArgs } from "react-router";
import { z } from "zod";
import { generateApiToken, hashApiToken } from "../../workers/auth/api-token.ts";
import {
  generatePassword,
  hashPassword,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
} from "../../workers/auth/password.ts";
import type { Actor } from "../../workers/contracts.ts";
import { createFirstOperator } from "../../workers/db/first-operator.ts";
import { getDb } from "../../workers/db/get-db.ts";
import { countOperators, normalizeEmail } from "../../workers/db/operators.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { recordAuditEvent } from "../record-audit-event.server.ts";
import { cloudflareContext } from "../context.ts";
import {
  databaseProblem,
  json,
  problem,
  readJson,
  refusalAtDoor,
  wrongMethod,
} from "../secret-door.server.ts";

/** 201: somebody has been made. 200, with both null: there were operators already. */
export interface BootstrapAnswer {
  admin: { email: string; password: string } | null;
  /** A token of the data API, shown this once. Null beside an admin: it could not be made. */
  token: string | null;
}

const bodySchema = z.object({
  email: z.email("`email` is not an e-mail address.").max(254),
  password: z
    .string()
    .min(PASSWORD_LENGTH_MIN, `A password has at least ${PASSWORD_LENGTH_MIN} characters.`)
    .max(PASSWORD_LENGTH_MAX, `A password has at most ${PASSWORD_LENGTH_MAX} characters.`)
    .optional(),
});

type Body = z.infer<typeof bodySchema>;

const BOOTSTRAP: Actor = { id: "bootstrap", name: "bootstrap secret", role: "system" };

export function loader() {
  return wrongMethod();
}

/**
 * Makes the first admin, and a first token of the data API, for whoever knows `BOOTSTRAP_SECRET`.
 * Once there is an operator it does nothing, however often it is called. Of two first calls at the
 * same time one makes the admin. An empty or short secret switches it off: 404.
 */
export async function action({ request, context }: ActionFunctionArgs): Promise<Response> {
  const { env } = context.get(cloudflareContext);
  const refused = await refusalAtDoor(request, env, (reason) =>
    recordBootstrap(env, "first admin", "refused", reason),
  );
  if (refused !== null) return refused;
  const body = bodySchema.safeParse(await readJson(request));
  if (!body.success) return problem(400, "bad-input", z.prettifyError(body.error));
  return makeFirstAdmin(env, body.data);
}

async function makeFirstAdmin(env: Env, body: Body): Promise<Response> {
  const db = getDb(env);
  const known = await countOperators(db);
  if (known.kind === "unavailable") return databaseProblem(known.message);
  if (known.value > 0) return nothingToDo();
  const email = normalizeEmail(body.email);
  const password = body.password ?? generatePassword();
  const admin = { email, passwordHash: await hashPassword(password), role: "admin" as const };
  const made = await createFirstOperator(db, admin);
  if (made.kind === "unavailable") return databaseProblem(made.message);
  if (made.value.kind === "operators-exist") return nothingToDo();
  const token = await tellRegistry(env, email);
  return json(201, { admin: { email, password }, token });
}

/**
 * The event of the new admin and the first token, each of which writes one event. The password is
 * shown this once, so a registry that fails must not keep it back: then there is no token.
 */
async function tellRegistry(env: Env, email: string): Promise<string | null> {
  await recordBootstrap(env, email, "done", "The first admin.");
  return await createFirstToken(env);
}

async function createFirstToken(env: Env): Promise<string | null> {
  const token = generateApiToken();
  const tokenHash = await hashApiToken(token);
  const answer = await askRegistry(env, (registry) =>
    registry.createToken(
      { name: "first token", scopes: ["read", "write"], rateLimitPerSecond: null, tokenHash },
      BOOTSTRAP,
    ),
  );
  return answer.kind === "answered" && answer.value.kind === "created" ? token : null;
}

function recordBootstrap(
  env: Env,
  subject: string,
  outcome: "done" | "refused",
  reason: string,
): Promise<void> {
  return recordAuditEvent(env, {
    actor: BOOTSTRAP,
    action: "operator.create",
    subject,
    outcome,
    reason,
    before: null,
    after: outcome === "done" ? { role: "admin" } : null,
  });
}

function nothingToDo(): Response {
  return json(200, { admin: null, token: null });
}

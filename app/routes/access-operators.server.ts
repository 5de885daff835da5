import { generatePassword, hashPassword } from "../../workers/auth/password.ts";
import type { Actor, Role } from "../../workers/contracts.ts";
import { getDb } from "../../workers/db/get-db.ts";
import {
  changeOperator,
  createOperator,
  findOperatorByEmail,
  normalizeEmail,
} from "../../workers/db/operators.ts";
import { getService } from "../../workers/services/services.ts";
import { recordAuditEvent } from "../record-audit-event.server.ts";
import { databaseProblem, json, problem } from "../secret-door.server.ts";

/** Whoever knows the secret: it says nothing of who they are. */
export const ACCESS_COMMAND: Actor = { id: "access", name: "access command", role: "system" };

/** A new operator; behind Cloudflare Access without a password, which nobody could use. */
export async function addOperator(env: Env, asked: { email: string; role: Role }) {
  const email = normalizeEmail(asked.email);
  const password = getService("access", env) === null ? generatePassword() : null;
  const passwordHash = password === null ? null : await hashPassword(password);
  const made = await createOperator(getDb(env), { email, role: asked.role, passwordHash });
  if (made.kind === "unavailable") {
    return failed(env, "operator.create", email, made.message);
  }
  if (made.value.kind === "email-taken") {
    await record(env, "operator.create", email, "refused", null);
    return problem(409, "email-taken", `There is an operator ${email} already.`);
  }
  await record(env, "operator.create", email, "done", { role: asked.role });
  return json(201, { email, role: asked.role, password });
}

/** A new password for an operator who has lost theirs; a disabled operator stays disabled. */
export async function resetOperator(env: Env, given: string) {
  const email = normalizeEmail(given);
  if (getService("access", env) !== null) {
    await record(env, "operator.reset", email, "refused", null);
    return problem(409, "no-passwords", "Operators sign in through Cloudflare Access here.");
  }
  const db = getDb(env);
  const found = await findOperatorByEmail(db, email);
  if (found.kind === "unavailable") return failed(env, "operator.reset", email, found.message);
  if (found.value === null) {
    await record(env, "operator.reset", email, "refused", null);
    return problem(404, "operator-unknown", `There is no operator ${email}.`);
  }
  const password = generatePassword();
  const passwordHash = await hashPassword(password);
  const changed = await changeOperator(db, found.value.id, { passwordHash });
  if (changed.kind === "unavailable") {
    return failed(env, "operator.reset", email, changed.message);
  }
  await record(env, "operator.reset", email, "done", null);
  return json(200, { email, password, disabled: found.value.disabledAtMs !== null });
}

async function failed(env: Env, action: string, email: string, message: string) {
  await record(env, action, email, "failed", null);
  return databaseProblem(message);
}

function record(
  env: Env,
  action: string,
  subject: string,
  outcome: "done" | "refused" | "failed",
  after: object | null,
): Promise<void> {
  const reason = outcome === "done" ? "By npm run access." : "Asked for by npm run access.";
  return recordAuditEvent(env, {
    actor: ACCESS_COMMAND,
    action,
    subject,
    outcome,
    reason,
    before: null,
    after,
  });
}

import { generateApiToken, hashApiToken } from "../../workers/auth/api-token.ts";
import type { Refusal, TokenScope } from "../../workers/contracts.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { json, problem } from "../secret-door.server.ts";
import { ACCESS_COMMAND } from "./access-operators.server.ts";

/** A new token of the data API. Its secret is in this answer and nowhere else. */
export async function createToken(
  env: Env,
  asked: { name: string; scopes: TokenScope[]; ratePerSecond: number | null },
) {
  const secret = generateApiToken();
  const tokenHash = await hashApiToken(secret);
  const { name, ratePerSecond: rateLimitPerSecond } = asked;
  const scopes = [...new Set(asked.scopes)];
  const answer = await askRegistry(env, (registry) =>
    registry.createToken({ name, scopes, rateLimitPerSecond, tokenHash }, ACCESS_COMMAND),
  );
  if (answer.kind === "failed") return registryProblem();
  if (answer.value.kind === "refused") return refused(answer.value);
  return json(201, { token: answer.value.token, secret });
}

export async function listTokens(env: Env) {
  const answer = await askRegistry(env, (registry) => registry.tokens());
  return answer.kind === "failed" ? registryProblem() : json(200, { tokens: answer.value });
}

/** From the next request on nobody lets it in, wherever it is used: every request asks. */
export async function revokeToken(env: Env, id: string) {
  const answer = await askRegistry(env, (registry) => registry.revokeToken(id, ACCESS_COMMAND));
  if (answer.kind === "failed") return registryProblem();
  return answer.value.kind === "refused" ? refused(answer.value) : json(200, { revoked: id });
}

function refused({ reason, message }: Refusal): Response {
  const status = reason === "bad-input" ? 400 : reason === "token-unknown" ? 404 : 409;
  return problem(status, reason, message);
}

function registryProblem(): Response {
  const detail = "The registry did not answer, so it is not known whether it was done.";
  return problem(503, "registry-unavailable", detail, { "Retry-After": "5" });
}

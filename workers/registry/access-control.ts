import type { TokenInfo } from "../contracts/access.ts";
import type { DoneAnswer, Refusal } from "../contracts/operations.ts";
import {
  actorOf,
  breakerOrderInput,
  fieldOf,
  idInput,
  parseInput,
  subjectOf,
  tokenRequestInput,
} from "./input.ts";
import type { RegistryState } from "./registry-state.ts";

/** Tokens that the registry keeps; the oldest revoked ones make room for new ones. */
export const TOKENS_MAX = 10_000;

export function createToken(
  state: RegistryState,
  request: unknown,
  actor: unknown,
): { kind: "created"; token: TokenInfo } | Refusal {
  const attempt = {
    action: "token.create",
    subject: subjectOf(fieldOf(request, "name")),
    actor: actorOf(actor),
    reason: "",
  };
  const parsed = parseInput(tokenRequestInput, request);
  if (!parsed.ok) return state.refuse(attempt, "bad-input", parsed.message);
  if (state.tokens.isKnownHash(parsed.value.tokenHash)) {
    return state.refuse(attempt, "bad-input", "This token exists already.");
  }
  if (
    state.tokens.count() >= TOKENS_MAX &&
    !state.change(() => state.tokens.forgetOldestRevoked())
  ) {
    return state.refuse(attempt, "bad-input", `There are ${TOKENS_MAX} tokens already.`);
  }
  const { nowMs } = state;
  const token = state.change(() => {
    const created = state.tokens.insert(parsed.value, attempt.actor.name, nowMs);
    state.tellDone(attempt, null, created);
    return created;
  });
  state.tokens.activate(parsed.value.tokenHash, token, nowMs);
  return { kind: "created", token };
}

/** From its answer on the token opens nothing, anywhere. Revoking it again changes nothing. */
export function revokeToken(state: RegistryState, id: unknown, actor: unknown): DoneAnswer {
  const attempt = {
    action: "token.revoke",
    subject: subjectOf(id),
    actor: actorOf(actor),
    reason: "",
  };
  const parsed = parseInput(idInput, id);
  if (!parsed.ok) return state.refuse(attempt, "bad-input", parsed.message);
  const token = state.tokens.find(parsed.value);
  if (token === null) return state.refuse(attempt, "token-unknown", "There is no such token.");
  attempt.subject = token.name;
  state.change(() => {
    if (token.revokedAtMs === null) state.tokens.revoke(token.id, state.nowMs);
    state.tellDone(attempt, token, state.tokens.find(token.id));
  });
  state.tokens.deactivate(token.id);
  return { kind: "done" };
}

export function setBreaker(state: RegistryState, order: unknown, actor: unknown): DoneAnswer {
  const attempt = {
    action: "breaker.order",
    subject: subjectOf(fieldOf(order, "shard")),
    actor: actorOf(actor),
    reason: "",
  };
  const parsed = parseInput(breakerOrderInput, order);
  if (!parsed.ok) return state.refuse(attempt, "bad-input", parsed.message);
  attempt.reason = parsed.value.reason;
  const { shard: name, action, expiresAtMs } = parsed.value;
  const { nowMs } = state;
  if (action !== "reset" && expiresAtMs !== null && expiresAtMs <= nowMs) {
    return state.refuse(attempt, "bad-input", "expiresAtMs: must be in the future.");
  }
  const shard = state.world.byName.get(name);
  if (shard === undefined) {
    return state.refuse(attempt, "breaker-unknown", `There is no shard ${name}.`);
  }
  state.breakers.order(shard, parsed.value, attempt.actor, nowMs);
  return { kind: "done" };
}

import type {
  CacheDeleteAnswer,
  CacheGetAnswer,
  CacheRefusal,
  CacheSetAnswer,
  Entry,
  Placement,
} from "../contracts.ts";
import { ageSeconds, secondsLeft } from "./entry-life.ts";
import { problem, retryAfter } from "./problem.ts";

/** A cache of ours must not be cached by others: its answers are true at one epoch only. */
export const COMMON_HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  // Values are anybody's bytes on the dashboard's own origin: no browser may run them.
  "Content-Security-Policy": "default-src 'none'; sandbox",
};

type CacheOutcome = "hit" | "miss" | "bypass" | "stored" | "deleted";

/** The headers by which an answer can be traced to its shard. */
export function placementHeaders(at: Placement | null): Record<string, string> {
  if (at === null) return {};
  return {
    "CepatEdge-Shard": at.shard,
    "CepatEdge-Slot": String(at.slot),
    "CepatEdge-Epoch": String(at.epoch),
  };
}

function traced(outcome: CacheOutcome, at: Placement): Record<string, string> {
  return { ...COMMON_HEADERS, "CepatEdge-Cache": outcome, ...placementHeaders(at) };
}

export function getResponse(answer: CacheGetAnswer, nowMs: number): Response {
  switch (answer.kind) {
    case "hit":
      return hitResponse(answer.entry, answer.at, nowMs);
    case "miss":
      return problem("cache-miss", "No live value is stored.", traced("miss", answer.at));
    case "bypass":
      return problem("cache-bypass", `The breaker of ${answer.at.shard} is open.`, {
        ...traced("bypass", answer.at),
        ...retryAfter(answer.retryAfterMs),
      });
    case "denied":
    case "rate-limited":
    case "unavailable":
      return refusalResponse(answer);
    default:
      return answer satisfies never;
  }
}

function hitResponse(entry: Entry, at: Placement, nowMs: number): Response {
  const left = secondsLeft(entry, nowMs);
  const headers = {
    ...traced("hit", at),
    "Content-Type": entry.contentType,
    "Content-Length": String(entry.value.byteLength),
    Age: String(ageSeconds(entry, nowMs)),
    // RFC 9211: `ttl` is the remaining life, which Cache-Control cannot tell beside `no-store`.
    "Cache-Status": `CepatEdge; hit${left === null ? "" : `; ttl=${left}`}`,
  };
  return new Response(new Uint8Array(entry.value), { headers });
}

export function setResponse(answer: CacheSetAnswer): Response {
  switch (answer.kind) {
    case "stored":
      return new Response(null, { status: 204, headers: traced("stored", answer.at) });
    case "over-capacity":
      return problem(
        "value-over-capacity",
        `Shard ${answer.at.shard} keeps ${answer.capacityBytes} bytes in all.`,
        { ...COMMON_HEADERS, ...placementHeaders(answer.at) },
      );
    case "denied":
    case "rate-limited":
    case "unavailable":
      return refusalResponse(answer);
    default:
      return answer satisfies never;
  }
}

export function deleteResponse(answer: CacheDeleteAnswer): Response {
  if (answer.kind !== "deleted") return refusalResponse(answer);
  return new Response(null, { status: 204, headers: traced("deleted", answer.at) });
}

export function refusalResponse(refusal: CacheRefusal): Response {
  switch (refusal.kind) {
    case "denied":
      return deniedResponse(refusal.reason);
    case "rate-limited":
      return problem("rate-limited", "Slow down, or ask for a higher rate.", {
        ...COMMON_HEADERS,
        ...retryAfter(refusal.retryAfterMs),
      });
    case "unavailable":
      return problem(refusal.code, refusal.message, {
        ...COMMON_HEADERS,
        ...placementHeaders(refusal.at),
        ...retryAfter(refusal.retryAfterMs),
      });
    default:
      return refusal satisfies never;
  }
}

const CHALLENGE = 'Bearer realm="CepatEdge"';

/** RFC 6750, section 3: without a token a bare challenge, with a bad one the reason. */
export function deniedResponse(
  reason: "missing-token" | "unknown-token" | "missing-scope",
): Response {
  switch (reason) {
    case "missing-token":
      return problem("token-missing", "Send a token as `Authorization: Bearer …`.", {
        ...COMMON_HEADERS,
        "WWW-Authenticate": CHALLENGE,
      });
    case "unknown-token":
      return problem("token-unknown", "No such token is valid.", challenge("invalid_token"));
    case "missing-scope":
      return problem(
        "token-scope",
        "The token lacks the scope that this method needs.",
        challenge("insufficient_scope"),
      );
    default:
      return reason satisfies never;
  }
}

function challenge(error: string): Record<string, string> {
  return { ...COMMON_HEADERS, "WWW-Authenticate": `${CHALLENGE}, error="${error}"` };
}

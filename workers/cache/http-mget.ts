import { Buffer } from "node:buffer";
import { z } from "zod";
import type { CacheGetManyAnswer, KeyAnswer } from "../contracts.ts";
import { COMMON_HEADERS, refusalResponse } from "./http-answers.ts";
import { type Checked, keysSchema } from "./input.ts";

/** 100 keys of 512 bytes, each byte escaped as JSON may (`\u0061`), with room to spare. */
export const MGET_BODY_BYTES_MAX = 512 * 1024;

const bodySchema = z.strictObject({ keys: keysSchema }, 'The body is {"keys": […]}.');

/** The keys that a body names, or what is wrong with it; a bad key is told apart from a bad body. */
export function mgetKeys(bytes: Uint8Array): Checked<string[]> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return { kind: "bad-input", code: "bad-body", message: "The body is not JSON in UTF-8." };
  }
  const parsed = bodySchema.safeParse(json);
  if (parsed.success) return { kind: "good", value: parsed.data.keys };
  const [issue] = parsed.error.issues;
  const isKey = issue?.path.length === 2;
  const where = isKey ? `keys[${String(issue.path[1])}]: ` : "";
  const message = `${where}${issue?.message ?? "The body is malformed."}`;
  return { kind: "bad-input", code: isKey ? "bad-key" : "bad-body", message };
}

export function isJson(contentType: string | null): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? "");
}

/**
 * Entries in the order asked. The headers name what the entries have between them, each once; an
 * entry says which shard is its own. Where not one key could be answered, it is that failure.
 */
export function mgetResponse(keys: string[], answer: CacheGetManyAnswer): Response {
  if (answer.kind !== "answers") return refusalResponse(answer);
  const [first] = answer.answers;
  const nothing = answer.answers.every(({ kind }) => kind === "unavailable");
  if (nothing && first?.kind === "unavailable") return refusalResponse(first);
  const entries = answer.answers.map((entry, index) => entryBody(keys[index] ?? "", entry));
  return Response.json({ entries }, { headers: { ...COMMON_HEADERS, ...summary(answer.answers) } });
}

function entryBody(key: string, answer: KeyAnswer) {
  const { shard = null, slot = null, epoch = null } = answer.at ?? {};
  const hit = answer.kind === "hit" ? answer.entry : null;
  return {
    key,
    outcome: answer.kind,
    contentType: hit?.contentType ?? null,
    base64: hit === null ? null : base64Of(hit.value),
    shard,
    slot,
    epoch,
    ...(answer.kind === "unavailable" ? { code: answer.code } : {}),
  };
}

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function summary(answers: KeyAnswer[]): Record<string, string> {
  const placements = answers.flatMap(({ at }) => (at === null ? [] : [at]));
  const outcomes = answers.flatMap(({ kind }) => (kind === "unavailable" ? [] : [kind]));
  return {
    "CepatEdge-Cache": distinct(outcomes),
    "CepatEdge-Shard": distinct(placements.map(({ shard }) => shard)),
    "CepatEdge-Slot": distinct(placements.map(({ slot }) => slot)),
    "CepatEdge-Epoch": distinct(placements.map(({ epoch }) => epoch)),
  };
}

function distinct(values: (string | number)[]): string {
  return [...new Set(values)].join(", ");
}

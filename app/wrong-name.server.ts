import type { Actor } from "../workers/contracts.ts";
import { REASON_LENGTH_MAX } from "../workers/registry/input.ts";
import { recordAuditEvent } from "./record-audit-event.server.ts";

interface WrongName {
  action: "shard.remove" | "shard.deregister";
  shard: string;
  /** What was typed in place of the shard's name. */
  confirm: string;
  reason: string;
}

const TYPED_LENGTH_MAX = 100;

/**
 * Somebody confirmed what cannot be taken back, with another name than the shard's: an attempt that
 * is refused, and leaves its event. A field that was left empty is not sent yet, and leaves none.
 */
export async function tellWrongName(env: Env, actor: Actor, told: WrongName): Promise<void> {
  const { action, shard, confirm, reason } = told;
  if (confirm.trim() === "") return;
  await recordAuditEvent(env, {
    actor,
    action,
    subject: shard,
    outcome: "refused",
    reason: "The name that was typed to confirm it is not the shard's.",
    before: null,
    after: {
      refused: "bad-input",
      given: reason.slice(0, REASON_LENGTH_MAX),
      typed: confirm.slice(0, TYPED_LENGTH_MAX),
    },
  });
}

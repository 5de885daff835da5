import type { BreakerLine } from "../../routes/breakers.server.ts";
import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";
import { type OrderAction, ORDER_TEXTS } from "./orders.ts";

const STATE_AFTER = { isolate: "isolated", disable: "disabled", reset: "closed" } as const;

/** The answer to an order, as long as it still holds, with the way back. */
export function OrderDone({ breaker, done }: { breaker: BreakerLine; done: OrderAction }) {
  const { shard, state, forced } = breaker;
  if (state !== STATE_AFTER[done]) return null;
  const { done: participle, short } = ORDER_TEXTS[done];
  const back: OrderAction = done === "reset" ? "isolate" : "reset";
  return (
    <div data-focus-here>
      <Notice
        tone="ok"
        title={`${shard} is ${participle}: ${short}.`}
        announce
        actions={
          <LinkButton to={`?shard=${shard}&order=${back}`}>
            {done === "reset" ? "Isolate…" : "Undo: reset…"}
          </LinkButton>
        }
      >
        {forced === null ? (
          "It judges calls from now on, as always."
        ) : forced.expiresAtMs === null ? (
          "It stays so until somebody resets it."
        ) : (
          <>
            Until <Time ms={forced.expiresAtMs} />; then it closes by itself.
          </>
        )}
      </Notice>
    </div>
  );
}

import type { Operation } from "../../../workers/contracts.ts";
import { counted } from "../ui/format.ts";
import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";
import { causeNow } from "./operation-words.ts";

interface OperationNoticeProps {
  operation: Operation;
  mayAct: boolean;
}

/** What the state means, and what to do where somebody has to. */
export function OperationNotice({ operation, mayAct }: OperationNoticeProps) {
  const { state, progress } = operation;
  if (progress.stalled !== null) return <Stalled operation={operation} mayAct={mayAct} />;
  if (state === "paused") {
    return (
      <Notice tone="warn" title="Paused: nothing new is begun.">
        What is in flight still ends. Every key is served.
      </Notice>
    );
  }
  if (state === "running") {
    const cause = causeNow(operation);
    if (cause === null) return null;
    return (
      <Notice tone="warn" title="Something went wrong, and it goes on by itself.">
        {cause}
      </Notice>
    );
  }
  return <Ended operation={operation} mayAct={mayAct} />;
}

function Stalled({ operation: { id, state, progress }, mayAct }: OperationNoticeProps) {
  if (progress.stalled === null) return null;
  const { cause, sinceMs } = progress.stalled;
  return (
    <Notice
      tone="danger"
      title={
        <>
          {state === "paused" ? "Paused, and stuck" : "A source has got no further"} since{" "}
          <Time ms={sinceMs} omit="date" />.
        </>
      }
      actions={
        <>
          <LinkButton to="/breakers">Breakers</LinkButton>
          {mayAct && <LinkButton to={`/operations/${id}/cancel`}>Cancel…</LinkButton>}
        </>
      }
    >
      <p>{cause}</p>
      <p className="mt-1">
        It tries again by itself, and nothing is lost while it waits. If that shard does not come
        back, cancel it: what has moved may stay.
      </p>
    </Notice>
  );
}

function Ended({ operation, mayAct }: OperationNoticeProps) {
  const { kind, state, shards, slotsMoved, slotsTotal, progress, undoneBy, homeGone } = operation;
  const moved = counted(slotsMoved, "slot");
  if (state === "cancelled") {
    const rest = slotsMoved < slotsTotal ? "the others stayed" : "none was left";
    return (
      <Notice tone="info" title={`Cancelled: ${moved} moved before, ${rest}.`}>
        Every slot has one owner, and every entry one home.
      </Notice>
    );
  }
  const [shard] = shards;
  const mayGo = kind === "drain" && undoneBy === null && homeGone === null;
  const done: Record<Operation["kind"], string> = {
    register: `${counted(shards.length, "shard")} registered; ${moved} moved`,
    drain: `${shard} holds nothing any more; ${moved} moved`,
    rebalance: `Rebalanced; ${moved} moved`,
    undo: `Undone; ${moved} moved back`,
    remove: `${shard} is removed; ${counted(slotsTotal, "slot")} have new owners`,
  };
  return (
    <Notice
      tone="ok"
      title={done[kind]}
      actions={
        mayGo && mayAct ? (
          <LinkButton to={`/shards/${shard}`}>Deregister it on its page</LinkButton>
        ) : (
          <LinkButton to="/shards">See the topology</LinkButton>
        )
      }
    >
      {kind === "remove" ? "What it held is lost." : comparedText(progress.digestsVerified)}
      {mayGo &&
        operation.undoableUntilMs !== null &&
        " Once it is deregistered this cannot be undone any more."}
    </Notice>
  );
}

function comparedText(digests: number): string {
  if (digests === 0) return "There was nothing in them to compare. Nothing is lost.";
  return `${counted(digests, "digest")} compared, equal on both sides. Nothing is lost.`;
}

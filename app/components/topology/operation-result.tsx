import type { Operation } from "../../../workers/contracts.ts";
import { LinkButton, TextLink } from "../ui/button.tsx";
import { counted, formatCount, formatDuration } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts, Meter } from "../ui/stat.tsx";
import { Notice, type NoticeTone } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";
import { UndoNote } from "./undo-note.tsx";

/** What became of a registration: the same for everyone, also after a reload. */
export function OperationResult({ operation }: { operation: Operation }) {
  const { shards, slotsMoved, slotsTotal, state } = operation;
  const text = `${formatCount(slotsMoved)} of ${formatCount(slotsTotal)} slots`;
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <Outcome operation={operation} />
      <Panel title="What happened">
        <div className="flex flex-col gap-3">
          {state === "running" && (
            <Meter label="Slots handed over" value={slotsMoved} max={slotsTotal} text={text} />
          )}
          <Facts items={factsOf(operation)} />
        </div>
      </Panel>
      <Panel title="How to undo it">
        <UndoNote />
      </Panel>
      <div className="flex flex-wrap gap-2">
        <LinkButton to="/shards" tone="accent" icon="shards">
          See the topology
        </LinkButton>
        {shards.length === 1 && (
          <LinkButton to={`/shards/${shards[0]}`}>Open {shards[0]}</LinkButton>
        )}
        <LinkButton to="/shards/register" tone="quiet" icon="plus">
          Register more
        </LinkButton>
      </div>
    </div>
  );
}

function Outcome({ operation }: { operation: Operation }) {
  const { state, shards, slotsMoved, slotsTotal, lastError } = operation;
  const registered = `${counted(shards.length, "shard")} registered`;
  const stayed = slotsTotal - slotsMoved;
  if (state === "running") {
    return (
      <Notice
        tone={lastError === null ? "info" : "warn"}
        title={`${registered}; slots are being handed over`}
      >
        {lastError === null ? "It goes on by itself, also when this page is closed." : lastError}
        {lastError !== null && " It tries again by itself; the cache serves meanwhile."}
      </Notice>
    );
  }
  const tone: NoticeTone = state === "failed" ? "danger" : "ok";
  const title =
    state === "failed"
      ? "The registration failed"
      : `${registered}; ${counted(slotsMoved, "slot")} handed over`;
  return (
    <Notice tone={tone} title={title}>
      {state === "failed" && lastError}
      {state === "done" && stayed > 0 && (
        <>
          {counted(stayed, "slot")}{" "}
          {stayed === 1
            ? "stays where it is, because it holds"
            : "stay where they are, because they hold"}{" "}
          entries. They are served from there as before.
        </>
      )}
      {state === "done" && stayed === 0 && "Every slot of the plan has its new owner."}
    </Notice>
  );
}

function factsOf(operation: Operation): [string, React.ReactNode][] {
  const { shards, slotsMoved, slotsTotal, actor, reason, startedAtMs, endedAtMs } = operation;
  const stayed = slotsTotal - slotsMoved;
  return [
    [
      "Shards",
      <span key="shards" className="flex flex-wrap gap-x-3 gap-y-1">
        {shards.map((shard) => (
          <TextLink key={shard} to={`/shards/${shard}`}>
            {shard}
          </TextLink>
        ))}
      </span>,
    ],
    ["Handed over", counted(slotsMoved, "slot")],
    [endedAtMs === null ? "To go" : "Stayed", stayed === 0 ? "none" : counted(stayed, "slot")],
    ["By", actor.name],
    ["Reason", reason],
    ["Begun", <Time key="begun" ms={startedAtMs} />],
    ["Took", endedAtMs === null ? "still running" : formatDuration(endedAtMs - startedAtMs)],
  ];
}

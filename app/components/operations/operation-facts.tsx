import type { ReactNode } from "react";
import type { Operation } from "../../../workers/contracts.ts";
import { TextLink } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Code, Time } from "../ui/values.tsx";
import { causeNow, hasEnded, tookText } from "./operation-words.ts";

/** Who, why, when, and what it belongs to. */
export function OperationFacts({ operation, nowMs }: { operation: Operation; nowMs: number }) {
  const { id, shards, actor, reason, startedAtMs, endedAtMs, undoes } = operation;
  const items: [ReactNode, ReactNode][] = [
    [
      "Shards",
      <span key="shards" className="flex flex-wrap gap-x-3 gap-y-1">
        {shards.map((shard) => (
          <TextLink key={shard} to={`/shards/${shard}`} className="wrap-anywhere">
            {shard}
          </TextLink>
        ))}
      </span>,
    ],
    ["By", actor.name],
    ["Reason", <bdi key="reason">{reason}</bdi>],
    ["Begun", <Time key="begun" ms={startedAtMs} />],
    ["Ended", endedAtMs === null ? "not yet" : <Time key="ended" ms={endedAtMs} />],
    ["Took", tookText(operation, nowMs)],
    ["Last error", lastErrorText(operation)],
  ];
  if (undoes !== null) {
    items.push([
      "Takes back",
      <TextLink key="undoes" to={`/operations/${undoes}`}>
        an earlier operation
      </TextLink>,
    ]);
  }
  items.push(["Id", <Code key="id">{id}</Code>]);
  return (
    <Panel title="Who, why and when">
      <Facts items={items} />
    </Panel>
  );
}

/** The operation remembers its last error to the end; whether it holds it up is told beside. */
function lastErrorText(operation: Operation): string {
  const { lastError } = operation;
  if (lastError === null) return "none";
  return hasEnded(operation) || causeNow(operation) !== null
    ? lastError
    : `${lastError} (it has gone on since)`;
}

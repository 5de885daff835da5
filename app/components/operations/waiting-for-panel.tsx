import type { Operation, WaitingFor } from "../../../workers/contracts.ts";
import { TextLink } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Status } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Time } from "../ui/values.tsx";
import { stepText } from "./operation-words.ts";

/** Each source that has work left: what it does, since when, and what went wrong. */
export function WaitingForPanel({ operation }: { operation: Operation }) {
  const { waitingFor } = operation.progress;
  if (waitingFor.length === 0) return null;
  return (
    <Panel title="What it waits for" flush>
      <Table
        caption="What the operation waits for, by source"
        columns={columnsOf(operation)}
        rows={waitingFor}
        rowKey={({ source }) => source}
      />
    </Panel>
  );
}

function columnsOf({ state, progress: { logs } }: Operation): Column<WaitingFor>[] {
  return [
    {
      key: "source",
      header: "Source",
      rowHeader: true,
      wide: true,
      className: "sm:min-w-28",
      cell: ({ source }) => (
        <TextLink to={`/shards/${source}`} className="wrap-anywhere">
          {source}
        </TextLink>
      ),
    },
    { key: "step", header: "Step", cell: ({ step }) => `${step}: ${stepText(step, logs)}` },
    {
      key: "slots",
      header: "Slots in flight",
      cell: ({ slots, slot }) =>
        slot === null
          ? formatCount(slots)
          : `${formatCount(slots)}, among them ${formatCount(slot)}`,
    },
    { key: "since", header: "Since", cell: ({ sinceMs }) => <Time ms={sinceMs} omit="date" /> },
    {
      key: "cause",
      header: "Held up by",
      cell: ({ cause }) => {
        if (cause !== null) return <Status tone="warn">{cause}</Status>;
        return state === "paused" ? "the pause" : "nothing";
      },
    },
  ];
}

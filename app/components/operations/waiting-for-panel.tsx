import type { WaitingFor } from "../../../workers/contracts.ts";
import { TextLink } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Status } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Time } from "../ui/values.tsx";
import { STEPS } from "./operation-words.ts";

/** Each source that has work left: what it does, since when, and what went wrong. */
export function WaitingForPanel({ waitingFor }: { waitingFor: readonly WaitingFor[] }) {
  if (waitingFor.length === 0) return null;
  return (
    <Panel title="What it waits for" flush>
      <Table
        caption="What the operation waits for, by source"
        columns={COLUMNS}
        rows={waitingFor}
        rowKey={({ source }) => source}
      />
    </Panel>
  );
}

const COLUMNS: Column<WaitingFor>[] = [
  {
    key: "source",
    header: "Source",
    rowHeader: true,
    wide: true,
    cell: ({ source }) => (
      <TextLink to={`/shards/${source}`} className="wrap-anywhere">
        {source}
      </TextLink>
    ),
  },
  { key: "step", header: "Step", cell: ({ step }) => `${step}: ${STEPS[step]}` },
  {
    key: "slots",
    header: "Slots in flight",
    cell: ({ slots, slot }) =>
      slot === null ? formatCount(slots) : `${formatCount(slots)}, among them ${formatCount(slot)}`,
  },
  { key: "since", header: "Since", cell: ({ sinceMs }) => <Time ms={sinceMs} omit="date" /> },
  {
    key: "cause",
    header: "Cause",
    cell: ({ cause }) => (cause === null ? "none: it works" : <Status tone="warn">{cause}</Status>),
  },
];

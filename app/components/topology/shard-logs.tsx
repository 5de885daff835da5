import type { ShardState, UsageLog } from "../../../workers/contracts.ts";
import type { LogsResult } from "../../routes/shards-name.server.ts";
import { LinkButton } from "../ui/button.tsx";
import { Panel, PanelAwait, PanelFailure, Skeleton } from "../ui/panel.tsx";
import { Empty, Status } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Bytes, Code, Count, Time } from "../ui/values.tsx";

interface ShardLogsProps {
  name: string;
  state: ShardState;
  logs: Promise<LogsResult>;
}

/** The newest of its usage logs, and the way to all of them. */
export default function ShardLogs({ name, state, logs }: ShardLogsProps) {
  return (
    <Panel
      title="Latest logs"
      flush
      actions={
        <LinkButton to={`/logs?shard=${name}`} size="small" icon="list">
          All its logs
        </LinkButton>
      }
    >
      <PanelAwait resolve={logs} what="The shard's logs" fallback={<Waiting />}>
        {(result) =>
          result.kind === "failed" ? (
            <div className="px-3 pb-3">
              <PanelFailure what="The shard's logs" detail={result.error} />
            </div>
          ) : (
            <Table
              caption={`Latest usage logs of ${name}`}
              columns={COLUMNS}
              rows={result.value.logs}
              rowKey={({ key }) => key}
              rowClassName={() => "max-sm:grid! max-sm:grid-cols-2"}
              empty={
                state === "drained" ? (
                  <Empty icon="list" title="No logs any more">
                    Its drain handed them to other shards; “All its logs” finds them there.
                  </Empty>
                ) : (
                  <Empty icon="list" title="No logs yet">
                    The first operation on one of its slots writes the first one.
                  </Empty>
                )
              }
            />
          )
        }
      </PanelAwait>
    </Panel>
  );
}

const COLUMNS: Column<UsageLog>[] = [
  {
    key: "at",
    header: "Time",
    wide: true,
    className: "max-sm:col-span-2",
    cell: ({ atMs }) => <Time ms={atMs} precision="milli" />,
  },
  {
    key: "operation",
    header: "Operation",
    cell: ({ operation, outcome }) =>
      outcome === "rejected" ? (
        <Status tone="warn">
          {operation} {outcome}
        </Status>
      ) : (
        `${operation} ${outcome}`
      ),
  },
  {
    key: "key",
    header: "Key",
    wide: true,
    className: "max-sm:col-span-2",
    cell: ({ type, entryKey }) => <Code>{`${type}:${entryKey}`}</Code>,
  },
  {
    key: "slot",
    header: "Slot",
    align: "end",
    className: "max-sm:hidden!",
    cell: ({ slot }) => <Count value={slot} />,
  },
  { key: "bytes", header: "Size", align: "end", cell: ({ bytes }) => <Bytes value={bytes} /> },
];

function Waiting() {
  return (
    <div className="px-3 pb-3">
      <Skeleton lines={10} label="Loading the shard's logs" />
    </div>
  );
}

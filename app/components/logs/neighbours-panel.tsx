import type { UsageLog } from "../../../workers/contracts.ts";
import type { Neighbourhood } from "../../routes/logs.server.ts";
import { LinkButton, TextLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Pagination } from "../ui/links.tsx";
import { Panel, PanelAwait, Skeleton } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { Bytes, Code, Count, Time } from "../ui/values.tsx";
import { type LogFilters, logsHref } from "./filters.ts";
import { MissingShards } from "./log-notices.tsx";
import { LogTable, OutcomeBadge } from "./log-table.tsx";

interface NeighboursPanelProps {
  at: string;
  rows: Promise<Neighbourhood>;
  /** The list with the same filters. */
  newest: string;
  filters: LogFilters;
}

/** One row whole, amid the rows of every shard just before and after it. */
export function NeighboursPanel({ at, rows, newest, filters }: NeighboursPanelProps) {
  return (
    <PanelAwait
      key={at}
      resolve={rows}
      what="The row"
      fallback={
        <Panel title="One row">
          <Skeleton lines={16} label="Loading the row and its neighbours" />
        </Panel>
      }
    >
      {(value) => <Neighbours value={value} newest={newest} filters={filters} />}
    </PanelAwait>
  );
}

interface NeighboursProps {
  value: Neighbourhood;
  newest: string;
  filters: LogFilters;
}

function Neighbours({ value, newest, filters }: NeighboursProps) {
  const { at, logs, older, missing, retainedFromMs } = value;
  const row = logs.find(({ key }) => key === at);
  const self = logsHref(filters, { at });
  return (
    <>
      {row === undefined ? (
        <Notice tone="warn" title="This row is not there.">
          {whyGone({ at, retainedFromMs, isPartial: missing.length > 0 })}
        </Notice>
      ) : (
        <RowDetail row={row} />
      )}
      <Panel
        title="Just before and after it"
        note={
          filters.shard.length === 0
            ? "Of every shard, whatever the filters."
            : `Of ${filters.shard.join(", ")} only.`
        }
        actions={
          <>
            {row !== undefined && filters.shard.length === 0 && (
              <LinkButton to={`/logs?at=${at}&shard=${row.shard}`} size="small">
                Only {row.shard}
              </LinkButton>
            )}
            {filters.shard.length > 0 && (
              <LinkButton to={`/logs?at=${at}`} size="small">
                Every shard
              </LinkButton>
            )}
            <LinkButton to={newest} size="small">
              Newest
            </LinkButton>
          </>
        }
        flush
      >
        <MissingShards missing={missing} self={self} />
        {logs.length > 0 && (
          <LogTable caption="The row and its neighbours, newest first" logs={logs} marked={at} />
        )}
        <Pagination label="Pages of the logs" newest={newest} older={older ?? undefined} />
      </Panel>
    </>
  );
}

function RowDetail({ row }: { row: UsageLog }) {
  const sameKey = new URLSearchParams({ type: row.type, prefix: row.entryKey, range: "7d" });
  return (
    <Panel title="One row" actions={<CopyButton text={row.key} label="Copy log key" />}>
      <Facts
        items={[
          ["Time", <Time key="time" ms={row.atMs} precision="milli" />],
          [
            "What",
            <span key="what" className="inline-flex flex-wrap items-center gap-2">
              {row.operation}
              <OutcomeBadge outcome={row.outcome} />
              <Bytes value={row.bytes} />
            </span>,
          ],
          ["Type", row.type],
          [
            "Key",
            <span key="key" className="flex flex-wrap items-center gap-x-3">
              <Code>{row.entryKey}</Code>
              <TextLink to={`/logs?${sameKey.toString()}`} className="text-sm">
                its other logs
              </TextLink>
            </span>,
          ],
          ["Shard", row.shard],
          ["Slot", <Count key="slot" value={row.slot} />],
          ["Epoch", <Count key="epoch" value={row.epoch} />],
          ["Log key", <Code key="log">{row.key}</Code>],
        ]}
      />
    </Panel>
  );
}

interface Gone {
  at: string;
  retainedFromMs: number | null;
  isPartial: boolean;
}

function whyGone({ at, retainedFromMs, isPartial }: Gone) {
  const atMs = Number(at.split(":")[2]);
  if (retainedFromMs !== null && atMs <= retainedFromMs) {
    return (
      <>
        Older logs were removed by retention: kept since <Time ms={retainedFromMs} />.
      </>
    );
  }
  if (isPartial) return "It may be in a shard that did not answer.";
  return "No shard holds it: the link is damaged, or its shard is gone. Below is where it would be.";
}

import type { Histogram } from "../../routes/logs-histogram.server.ts";
import { OUTCOMES, sumOf, totalOf, type TrafficPoint } from "../charts/traffic-points.ts";
import { TextLink } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { Panel, PanelAwait } from "../ui/panel.tsx";
import { Notice } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Count, Duration, Time } from "../ui/values.tsx";
import { type LogFilters, logsHref, momentParam } from "./filters.ts";
import { HistogramBars } from "./histogram-bars.tsx";

interface HistogramPanelProps {
  histogram: Promise<Histogram>;
  filters: LogFilters;
}

/** When it happened: the picture, and the same rows as a table. */
export function HistogramPanel({ histogram, filters }: HistogramPanelProps) {
  return (
    <Panel title="Operations over this time">
      <PanelAwait
        key={logsHref(filters)}
        resolve={histogram}
        what="The histogram"
        fallback={<HistogramSkeleton />}
      >
        {(value) => <HistogramContent histogram={value} filters={filters} />}
      </PanelAwait>
    </Panel>
  );
}

function HistogramContent({ histogram, filters }: { histogram: Histogram; filters: LogFilters }) {
  const { points, bucketMs, missing, historyProblem } = histogram;
  const sums = sumOf(points);
  const seen = OUTCOMES.filter(({ key }) => sums[key] > 0);
  const hrefOf = ({ atMs }: TrafficPoint) =>
    logsHref({ ...filters, from: momentParam(atMs), to: momentParam(atMs + bucketMs) });
  return (
    <div className="flex flex-col gap-2">
      <HistogramBars histogram={histogram} hrefOf={hrefOf} />
      <div className="flex min-h-6 flex-wrap gap-x-4 gap-y-1 text-sm">
        {seen.map(({ key, name, colour }) => (
          <span key={key} className="inline-flex items-center gap-1.5">
            <span data-swatch className="size-2.5 rounded-sm" style={{ background: colour }} />
            {name} <Count value={sums[key]} />
          </span>
        ))}
        {seen.length === 0 && <span className="text-muted">Nothing in this time.</span>}
      </div>
      {filters.prefix !== "" && (
        <p className="text-sm text-muted">
          Counts know no keys: these are of all keys, whatever they begin with.
        </p>
      )}
      {missing.length > 0 && (
        <p className="text-sm text-warn">
          Without {missing.map(({ shard }) => shard).join(", ")}, which did not answer.
        </p>
      )}
      {historyProblem !== null && <Notice tone="warn" title={historyProblem} />}
      <Disclosure
        summary={
          <span>
            As a table, <Duration ms={bucketMs} /> a row
          </span>
        }
      >
        <CountsTable
          rows={points.map((point) => ({ ...point, href: hrefOf(point) })).toReversed()}
        />
      </Disclosure>
    </div>
  );
}

interface CountsRow extends TrafficPoint {
  href: string;
}

function CountsTable({ rows }: { rows: CountsRow[] }) {
  return (
    <div className="max-h-96 overflow-y-auto">
      <Table
        caption="Operations by time and outcome, newest first"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ atMs }) => atMs}
        narrow="scroll"
      />
    </div>
  );
}

const COLUMNS: Column<CountsRow>[] = [
  {
    key: "time",
    header: "From",
    rowHeader: true,
    cell: ({ atMs, href }) => (
      <TextLink to={href} className="inline-flex min-h-6 items-center">
        <Time ms={atMs} precision="minute" />
      </TextLink>
    ),
  },
  ...OUTCOMES.map(({ key, name }): Column<CountsRow> => ({
    key,
    header: name,
    align: "end",
    cell: ({ counts }) => <Count value={counts[key]} />,
  })),
  {
    key: "all",
    header: "All",
    align: "end",
    cell: ({ counts }) => <Count value={totalOf(counts)} />,
  },
];

/** As high as the bars, their axis, the legend and the way to the table. */
function HistogramSkeleton() {
  return (
    <div aria-busy="true">
      <span className="sr-only">Loading the histogram…</span>
      <div className="h-24 rounded-sm bg-sunken" />
      <div className="h-24" />
    </div>
  );
}

import { own } from "../../own.ts";
import type {
  FiguresByShard,
  ShardFigures,
  StreamedFigures,
} from "../../routes/shards-figures.server.ts";
import type { ShardRow } from "../../routes/shards.server.ts";
import { STATES } from "../breakers/states.ts";
import { TextLink } from "../ui/button.tsx";
import { PanelAwait } from "../ui/panel.tsx";
import { Badge, Status } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Count, Rate, Share, Time } from "../ui/values.tsx";
import { CapacityFill } from "./capacity-fill.tsx";
import { ShardMark } from "./shard-look.tsx";
import { SLOTS } from "./slot-runs.ts";
import { LOCATIONS, STATE_TONE } from "./words.ts";
import { worstFirst } from "./worst-first.ts";

interface ShardTableProps {
  shards: readonly ShardRow[];
  figures: StreamedFigures;
}

/**
 * A row a shard, what is wrong first. What the registry knows stands there at once; the shards' own figures follow, a
 * slow shard's last. Two boundaries for the whole table: one a cell costs the browser seconds.
 */
export function ShardTable({ shards, figures }: ShardTableProps) {
  const what = "The shards' figures";
  return (
    <PanelAwait resolve={figures.soon} what={what} fallback={<Rows shards={shards} figures={{}} />}>
      {(soon) => (
        <PanelAwait
          resolve={figures.late}
          what={what}
          fallback={<Rows shards={shards} figures={soon} />}
        >
          {(all) => <Rows shards={shards} figures={all} />}
        </PanelAwait>
      )}
    </PanelAwait>
  );
}

interface RowsProps {
  shards: readonly ShardRow[];
  figures: FiguresByShard;
}

function Rows({ shards, figures }: RowsProps) {
  return (
    <Table
      caption="Shards, what needs a person first"
      columns={columnsFor(figures)}
      rows={worstFirst(shards, figures)}
      rowKey={({ name }) => name}
      // On a phone two figures stand beside each other, so that a screen shows several shards.
      rowClassName={() => "max-sm:grid! max-sm:grid-cols-2"}
    />
  );
}

interface FigureProps {
  /** Absent: on its way. */
  result: FiguresByShard[string] | undefined;
  /** Says since when the shard has not answered; for one cell of the row. */
  tellsFailure?: boolean;
  children: (figures: ShardFigures) => React.ReactNode;
}

/** One figure of one shard: here already, on its way, or missing. */
function Figure({ result, tellsFailure = false, children }: FigureProps) {
  if (result?.kind === "answered") return children(result.value);
  if (result === undefined) {
    return <span className="text-muted">{tellsFailure ? "asking…" : "…"}</span>;
  }
  if (!tellsFailure) return <span className="text-muted">–</span>;
  return (
    <span className="block text-sm font-normal sm:max-w-60">
      <Status tone="danger">No answer</Status>, asked at <Time ms={result.sinceMs} omit="date" />:{" "}
      {result.error}
    </span>
  );
}

function columnsFor(figures: FiguresByShard): Column<ShardRow>[] {
  return [...OWNED, ...figureColumns(figures), ...WISHED];
}

/** What the registry knows of a shard. */
const OWNED: Column<ShardRow>[] = [
  {
    key: "name",
    header: "Shard",
    rowHeader: true,
    wide: true,
    className: "max-sm:col-span-2 sm:min-w-44",
    cell: ({ name, number }) => (
      <span className="flex items-start gap-2">
        <ShardMark number={number} />
        <TextLink to={`/shards/${name}`} className="min-w-0 py-0.5">
          {name}
        </TextLink>
      </span>
    ),
  },
  {
    key: "state",
    header: "State",
    cell: ({ state }) => <Badge tone={STATE_TONE[state]}>{state}</Badge>,
  },
  {
    key: "breaker",
    header: "Breaker",
    cell: ({ breaker }) => <Badge {...STATES[breaker]}>{breaker}</Badge>,
  },
  { key: "slots", header: "Slots", align: "end", cell: ({ slots }) => <Count value={slots} /> },
  {
    key: "share",
    header: "Share",
    align: "end",
    cell: ({ slots }) => <Share part={slots} whole={SLOTS} />,
  },
];

/** What the shards tell. */
function figureColumns(figures: FiguresByShard): Column<ShardRow>[] {
  return [
    {
      key: "entries",
      header: "Entries",
      align: "end",
      cell: ({ name }) => (
        <Figure result={own(figures, name)}>{({ entries }) => <Count value={entries} />}</Figure>
      ),
    },
    {
      key: "rate",
      header: "Operations",
      align: "end",
      cell: ({ name }) => (
        <Figure result={own(figures, name)}>
          {({ operationsPerSecond }) => <Rate perSecond={operationsPerSecond} />}
        </Figure>
      ),
    },
    {
      key: "bytes",
      header: "Capacity used",
      className: "max-sm:col-span-2 sm:min-w-40",
      cell: ({ name }) => (
        <Figure result={own(figures, name)} tellsFailure>
          {(value) => <Fill {...value} />}
        </Figure>
      ),
    },
  ];
}

/** How it was registered. */
const WISHED: Column<ShardRow>[] = [
  {
    key: "weight",
    header: "Weight",
    align: "end",
    className: "max-sm:hidden!",
    cell: ({ weight }) => <Count value={weight} />,
  },
  {
    key: "location",
    header: "Location",
    className: "max-sm:hidden!",
    cell: ({ locationHint }) => (
      <span className="text-sm">
        {locationHint === null ? "automatic" : LOCATIONS[locationHint]}
      </span>
    ),
  },
];

function Fill({ entryBytes, capacityBytes, alarmError }: ShardFigures) {
  return (
    <CapacityFill label="Capacity used" {...{ entryBytes, capacityBytes }}>
      {alarmError !== null && <Status tone="warn">housekeeping fails</Status>}
    </CapacityFill>
  );
}

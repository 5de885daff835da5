import type { Plan, ShareChange, SlotTransfer, TargetFill } from "../../../workers/contracts.ts";
import { CapacityFill } from "../topology/capacity-fill.tsx";
import { SLOTS } from "../topology/slot-runs.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { counted, formatCount, formatShare } from "../ui/format.ts";
import { Badge } from "../ui/status.tsx";
import { type Column, ScrollRegion, Table } from "../ui/table.tsx";
import { Bytes, Count } from "../ui/values.tsx";
import { WAY_COLUMNS } from "./way-columns.tsx";

/** Rows of the list of transfers; 16 newcomers times 240 sources is more than anybody reads. */
const TRANSFERS_SHOWN_MAX = 256;

/** Few enough to stand open. */
const TRANSFERS_OPEN_MAX = 8;

/** Few enough to be whole on a phone: there a scroller's edge looks like the end of the cards. */
const CARDS_WHOLE_MAX = 8;

/** As a card a name has the whole line. */
const SHARD_COLUMN = "max-sm:col-span-2 sm:min-w-24 sm:max-w-72";

interface TargetRow extends ShareChange {
  fill: TargetFill | null;
}

/** Slots, share and storage of each shard before and after; what changes the most first. */
export function TargetTable({ plan }: { plan: Plan }) {
  const { shares, fills } = plan;
  const byShard = new Map(fills.map((fill) => [fill.shard, fill]));
  const rows = shares
    .map((share): TargetRow => ({ ...share, fill: byShard.get(share.shard) ?? null }))
    .toSorted((a, b) => Math.abs(changeOf(b)) - Math.abs(changeOf(a)));
  return (
    <ScrollRegion label="Slots and size of each shard">
      <div className={rows.length > CARDS_WHOLE_MAX ? "max-h-[32rem]" : undefined}>
        <Table
          caption="Slots, share and storage of each shard before and after"
          narrow="cards-in-scroller"
          columns={TARGET_COLUMNS}
          rows={rows}
          rowKey={({ shard }) => shard}
        />
      </div>
    </ScrollRegion>
  );
}

const TARGET_COLUMNS: Column<TargetRow>[] = [
  {
    key: "shard",
    header: "Shard",
    rowHeader: true,
    wide: true,
    className: SHARD_COLUMN,
    cell: ({ shard, before }) => (
      <span className="flex flex-wrap items-center gap-x-2 wrap-anywhere">
        {shard}
        {before === null && (
          <Badge tone="accent" icon="plus">
            new
          </Badge>
        )}
      </span>
    ),
  },
  {
    key: "slots",
    header: "Slots, share after",
    align: "end",
    cell: ({ before, after }) => (
      <>
        {before !== after && `${formatCount(before ?? 0)} → `}
        {formatCount(after)}
        <span className="block text-sm text-muted">{formatShare(after, SLOTS)}</span>
      </>
    ),
  },
  { key: "storage", header: "Entries' size after", cell: (row) => <Fill row={row} /> },
];

function Fill({ row: { fill, before, after } }: { row: TargetRow }) {
  if (fill === null)
    return <span className="text-muted">{unmeasuredWord(before ?? 0, after)}</span>;
  const { bytesAfter, capacityBytes } = fill;
  return (
    <CapacityFill
      label="Capacity used after"
      entryBytes={bytesAfter}
      capacityBytes={capacityBytes}
    />
  );
}

/** Of a shard that no entry comes to: what it gains in slots comes empty. */
function unmeasuredWord(before: number, after: number): string {
  if (after === 0) return "nothing";
  if (after < before) return "less than before";
  return after === before ? "as before" : "as before: these slots come empty";
}

/** Who gives what to whom; of many, one click away. */
export function TransferTable({ transfers }: { transfers: readonly SlotTransfer[] }) {
  if (transfers.every(({ source }) => source === null)) return null;
  const shown = transfers.slice(0, TRANSFERS_SHOWN_MAX);
  return (
    <Disclosure
      look="bar"
      className="border-t border-line"
      open={transfers.length <= TRANSFERS_OPEN_MAX}
      summary={`Who gives what to whom: ${counted(transfers.length, "transfer")}`}
    >
      <ScrollRegion label="Transfers">
        <div className={shown.length > CARDS_WHOLE_MAX ? "max-h-96" : undefined}>
          <Table
            caption="What moves, by source and target"
            narrow="cards-in-scroller"
            columns={TRANSFER_COLUMNS}
            rows={shown}
            rowKey={({ source, target }) => `${source} ${target}`}
            rowClassName={() => "max-sm:grid! max-sm:grid-cols-2"}
          />
        </div>
      </ScrollRegion>
      {shown.length < transfers.length && (
        <p className="p-3 text-sm text-muted">
          The first {shown.length} of {formatCount(transfers.length)}; the table above adds all of
          them up.
        </p>
      )}
    </Disclosure>
  );
}

const TRANSFER_COLUMNS: Column<SlotTransfer>[] = [
  ...WAY_COLUMNS.map((column) => ({ ...column, className: SHARD_COLUMN })),
  { key: "slots", header: "Slots", align: "end", cell: ({ slots }) => <Count value={slots} /> },
  {
    key: "entries",
    header: "Entries",
    align: "end",
    cell: ({ entries }) => <Count value={entries} />,
  },
  { key: "bytes", header: "Size", align: "end", cell: ({ bytes }) => <Bytes value={bytes} /> },
  { key: "logs", header: "Logs", align: "end", cell: ({ logs }) => <Count value={logs} /> },
];

function changeOf({ before, after }: ShareChange): number {
  return after - (before ?? 0);
}

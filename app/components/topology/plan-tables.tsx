import type { ShareChange, SlotTransfer } from "../../../workers/contracts.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { counted, formatCount } from "../ui/format.ts";
import { Badge } from "../ui/status.tsx";
import { type Column, ScrollRegion, Table } from "../ui/table.tsx";
import { Count, Share } from "../ui/values.tsx";
import { SLOTS } from "./slot-runs.ts";

/** Rows of the list of transfers; 16 newcomers times 240 sources is more than anybody reads. */
const TRANSFERS_SHOWN_MAX = 256;

/** What each shard has before and after. */
export function ShareTable({ shares }: { shares: readonly ShareChange[] }) {
  const rows = [
    ...shares.filter(({ before }) => before === null),
    ...shares.filter(({ before }) => before !== null),
  ];
  return (
    <ScrollRegion label="Slots of each shard">
      <div className="max-h-[32rem]">
        <Table
          caption="Slots of each shard before and after"
          narrow="none"
          columns={SHARE_COLUMNS}
          rows={rows}
          rowKey={({ shard }) => shard}
        />
      </div>
    </ScrollRegion>
  );
}

const SHARE_COLUMNS: Column<ShareChange>[] = [
  {
    key: "shard",
    header: "Shard",
    rowHeader: true,
    className: "min-w-24",
    cell: ({ shard, before }) => (
      <span className="flex flex-wrap items-center gap-x-2">
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
    key: "before",
    header: "Before",
    align: "end",
    cell: ({ before }) => (before === null ? "–" : <Count value={before} />),
  },
  { key: "after", header: "After", align: "end", cell: ({ after }) => <Count value={after} /> },
  {
    key: "change",
    header: "Change",
    align: "end",
    className: "max-sm:hidden",
    cell: ({ before, after }) => signed(after - (before ?? 0)),
  },
  {
    key: "share",
    header: "Share",
    align: "end",
    cell: ({ after }) => <Share part={after} whole={SLOTS} />,
  },
];

/** From whom to whom, one click away. */
export function TransferTable({ transfers }: { transfers: readonly SlotTransfer[] }) {
  if (transfers.every(({ source }) => source === null)) return null;
  const shown = transfers.slice(0, TRANSFERS_SHOWN_MAX);
  return (
    <Disclosure
      look="bar"
      className="border-t border-line"
      summary={`From whom to whom: ${counted(transfers.length, "transfer")}`}
    >
      <ScrollRegion label="Transfers">
        <div className="max-h-96">
          <Table
            caption="Slots by source and target"
            narrow="none"
            columns={TRANSFER_COLUMNS}
            rows={shown}
            rowKey={({ source, target }) => `${source} ${target}`}
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
  { key: "source", header: "From", cell: ({ source }) => source ?? "nobody" },
  { key: "target", header: "To", cell: ({ target }) => target },
  { key: "slots", header: "Slots", align: "end", cell: ({ slots }) => <Count value={slots} /> },
];

function signed(change: number): string {
  if (change === 0) return "0";
  return change > 0 ? `+${formatCount(change)}` : `−${formatCount(-change)}`;
}

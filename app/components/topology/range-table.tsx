import type { RangesPage } from "../../routes/shards.server.ts";
import { LinkButton, TextLink } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Notice } from "../ui/status.tsx";
import { type Column, ScrollRegion, Table } from "../ui/table.tsx";
import { Count } from "../ui/values.tsx";
import type { SlotRange } from "../../../workers/contracts.ts";
import { ShardMark } from "./shard-look.tsx";

interface RangeTableProps {
  page: RangesPage;
  shards: readonly { name: string; number: number }[];
  badFrom: string | undefined;
}

/** The exact ranges behind the picture, a page at a time. */
export function RangeTable({ page, shards, badFrom }: RangeTableProps) {
  const { ranges, from, next } = page;
  return (
    <div className="flex flex-col gap-2">
      {badFrom !== undefined && (
        <Notice tone="warn" title={badFrom}>
          Showing the ranges from slot 0 on.
        </Notice>
      )}
      <ScrollRegion label="Ranges of slots">
        <div className="max-h-96">
          <Table
            caption="Ranges of slots"
            narrow="none"
            columns={columnsFor(shards)}
            rows={ranges}
            rowKey={({ first }) => first}
          />
        </div>
      </ScrollRegion>
      {(from > 0 || next !== null) && (
        <div className="flex flex-wrap gap-2">
          {from > 0 && (
            <LinkButton to="?" size="small" preventScrollReset>
              From slot 0
            </LinkButton>
          )}
          {next !== null && (
            <LinkButton to={`?from=${next}`} size="small" icon="arrowDown" preventScrollReset>
              From slot {formatCount(next)}
            </LinkButton>
          )}
        </div>
      )}
    </div>
  );
}

function columnsFor(shards: RangeTableProps["shards"]): Column<SlotRange>[] {
  const numbers = new Map(shards.map(({ name, number }) => [name, number]));
  return [
    {
      key: "slots",
      header: "Slots",
      rowHeader: true,
      cell: ({ first, last }) => (
        <span className="whitespace-nowrap">
          {formatCount(first)}–{formatCount(last)}
        </span>
      ),
    },
    {
      key: "count",
      header: "Count",
      align: "end",
      cell: ({ first, last }) => <Count value={last - first + 1} />,
    },
    {
      key: "shard",
      header: "Shard",
      className: "min-w-36",
      cell: ({ shard }) => (
        <span className="flex items-start gap-2">
          <ShardMark number={numbers.get(shard) ?? 0} />
          <TextLink to={`/shards/${shard}`}>{shard}</TextLink>
        </span>
      ),
    },
    {
      key: "epoch",
      header: "Epoch",
      align: "end",
      cell: ({ epoch }) => <Count value={epoch} />,
    },
  ];
}

import { type Column, ScrollRegion, Table } from "../ui/table.tsx";
import { Count, Time } from "../ui/values.tsx";
import { OUTCOMES, totalOf, type TrafficPoint } from "./traffic-points.ts";

interface TrafficTableProps {
  points: readonly TrafficPoint[];
  label: string;
}

/** The rows that the chart draws, newest first. */
export default function TrafficTable({ points, label }: TrafficTableProps) {
  return (
    <ScrollRegion label={`${label}, as a table`}>
      <div className="max-h-96">
        <Table
          caption={label}
          narrow="none"
          columns={COLUMNS}
          rows={points.toReversed()}
          rowKey={({ atMs }) => atMs}
        />
      </div>
    </ScrollRegion>
  );
}

const COLUMNS: Column<TrafficPoint>[] = [
  {
    key: "atMs",
    header: "From",
    rowHeader: true,
    cell: ({ atMs }) => <Time ms={atMs} precision="minute" />,
  },
  ...OUTCOMES.map(({ key, name }): Column<TrafficPoint> => ({
    key,
    header: name,
    align: "end",
    cell: ({ counts }) => <Count value={counts[key]} />,
  })),
  {
    key: "total",
    header: "All",
    align: "end",
    cell: ({ counts }) => <Count value={totalOf(counts)} />,
  },
];

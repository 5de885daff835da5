import type { BreakerLine } from "../../routes/breakers.server.ts";
import { LinkButton, TextLink } from "../ui/button.tsx";
import { Badge } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Time } from "../ui/values.tsx";
import { ordersFor } from "./breaker-panel.tsx";
import { arithmeticOf } from "./judgement.ts";
import { STATES } from "./states.ts";
import { ORDER_TEXTS } from "./orders.ts";

/** Many breakers, a line each; a name opens the whole of one. */
export function BreakersTable({
  breakers,
  mayOrder,
}: {
  breakers: BreakerLine[];
  mayOrder: boolean;
}) {
  return (
    <Table
      caption="Breakers, nearest to opening first"
      columns={mayOrder ? [...COLUMNS, ORDER_COLUMN] : COLUMNS}
      rows={breakers}
      rowKey={({ shard }) => shard}
    />
  );
}

const COLUMNS: Column<BreakerLine>[] = [
  {
    key: "shard",
    header: "Shard",
    rowHeader: true,
    className: "sm:min-w-32 sm:align-middle",
    cell: ({ shard }) => (
      <TextLink to={`?shard=${shard}`} className="inline-block min-h-6 wrap-anywhere">
        {shard}
      </TextLink>
    ),
  },
  {
    key: "state",
    header: "State",
    className: "sm:align-middle",
    cell: ({ state }) => (
      <Badge tone={STATES[state].tone} icon={STATES[state].icon}>
        {STATES[state].word}
      </Badge>
    ),
  },
  {
    key: "window",
    header: "Window",
    className: "sm:align-middle",
    cell: (breaker) => (
      <>
        {arithmeticOf(breaker).sum}
        {breaker.lastFailure !== null && (
          <span className="block text-sm text-muted">last: {breaker.lastFailure}</span>
        )}
      </>
    ),
  },
  {
    key: "since",
    header: "Since",
    className: "max-sm:hidden! sm:align-middle",
    cell: ({ sinceMs }) => <Time ms={sinceMs} />,
  },
];

const ORDER_COLUMN: Column<BreakerLine> = {
  key: "orders",
  header: "Orders",
  wide: true,
  className: "sm:w-44 sm:align-middle",
  cell: (breaker) => (
    <span className="flex flex-wrap gap-2 sm:flex-nowrap">
      {ordersFor(breaker)
        .filter((order) => order !== "reset" || breaker.state !== "closed")
        .map((order) => (
          <LinkButton key={order} to={`?shard=${breaker.shard}&order=${order}`} size="small">
            {ORDER_TEXTS[order].verb}…<span className="sr-only"> {breaker.shard}</span>
          </LinkButton>
        ))}
    </span>
  ),
};

import type { Operation } from "../../../workers/contracts.ts";
import { operationName } from "../plans/plan-words.ts";
import { LinkButton, TextLink } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Meter } from "../ui/stat.tsx";
import { Badge, Empty } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Time } from "../ui/values.tsx";
import { hasEnded, stateLook, tookText } from "./operation-words.ts";

interface OperationTableProps {
  operations: readonly Operation[];
  nowMs: number;
}

export function OperationTable({ operations, nowMs }: OperationTableProps) {
  return (
    <Table
      caption="Operations, newest first"
      columns={columnsAt(nowMs)}
      rows={operations}
      rowKey={({ id }) => id}
      empty={
        <Empty
          icon="move"
          title="No operations yet"
          action={<LinkButton to="/shards">Shards</LinkButton>}
        >
          Registering, draining and rebalancing shards are operations. Each is listed here with its
          progress, and with the way to take it back.
        </Empty>
      }
    />
  );
}

function columnsAt(nowMs: number): Column<Operation>[] {
  return [
    {
      key: "operation",
      header: "Operation",
      rowHeader: true,
      wide: true,
      className: "sm:min-w-44",
      cell: (operation) => (
        <TextLink to={`/operations/${operation.id}`} className="inline-block min-h-6 wrap-anywhere">
          {operationName(operation)}
        </TextLink>
      ),
    },
    {
      key: "state",
      header: "State",
      cell: (operation) => {
        const { word, tone, icon } = stateLook(operation);
        return (
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
        );
      },
    },
    { key: "slots", header: "Slots", className: "sm:min-w-32", cell: Slots },
    {
      key: "begun",
      header: "Begun",
      cell: ({ startedAtMs }) => <Time ms={startedAtMs} />,
    },
    {
      key: "took",
      header: "Took",
      className: "sm:whitespace-nowrap",
      cell: (operation) => tookText(operation, nowMs),
    },
    {
      key: "by",
      header: "By",
      wide: true,
      className: "sm:min-w-48",
      cell: ({ actor, reason }) => (
        <>
          <span className="wrap-anywhere">{actor.name}</span>
          <span className="block text-sm wrap-anywhere text-muted">
            “<bdi>{reason}</bdi>”
          </span>
        </>
      ),
    },
  ];
}

function Slots(operation: Operation) {
  const { slotsMoved, slotsTotal } = operation;
  const text = `${formatCount(slotsMoved)} of ${formatCount(slotsTotal)}`;
  return (
    <span className="flex flex-col gap-1">
      <span className="whitespace-nowrap">{text}</span>
      {!hasEnded(operation) && (
        <Meter label="Slots moved" value={slotsMoved} max={slotsTotal} text={text} />
      )}
    </span>
  );
}

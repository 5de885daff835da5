import type { SlotMoveView } from "../../../workers/contracts.ts";
import type { OperationPage } from "../../routes/operation.server.ts";
import { WAY_COLUMNS } from "../plans/way-columns.tsx";
import { LinkButton } from "../ui/button.tsx";
import { counted, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Badge, Empty } from "../ui/status.tsx";
import { type Column, ScrollRegion, Table } from "../ui/table.tsx";
import { Bytes, Code, Count, Time } from "../ui/values.tsx";
import { slotLook } from "./operation-words.ts";

/** Of a digest's 64 digits; the whole of it is the cell's title. */
const DIGEST_SHOWN = 12;

/** Every slot of the operation, a page at a time, with the digest that was equal on both sides. */
export function SlotMovesPanel({ page }: { page: OperationPage }) {
  const { operation, moves, after } = page;
  const [first] = moves.moves;
  const last = moves.moves.at(-1);
  const compared = operation.progress.digestsVerified > 0;
  return (
    <Panel
      title="Slots"
      note={
        first && last
          ? `${counted(operation.slotsTotal, "slot")}; here ${formatCount(first.slot)} to ${formatCount(last.slot)}.${compared ? " A digest was equal on both sides before anything was deleted." : ""}`
          : undefined
      }
      flush
    >
      {first === undefined ? (
        <Empty icon="shards" title={after < 0 ? "No slot moves" : "No slot above this one"}>
          {after < 0
            ? "This operation moves no slots, or its list is no longer kept."
            : "The list ends here."}
        </Empty>
      ) : (
        <ScrollRegion label="Slots of the operation">
          <div className="max-h-[32rem]">
            <Table
              caption="Slots of the operation"
              narrow="none"
              columns={COLUMNS}
              rows={moves.moves}
              rowKey={({ slot }) => slot}
            />
          </div>
        </ScrollRegion>
      )}
      {(after >= 0 || moves.next !== null) && (
        <nav aria-label="Pages of slots" className="flex flex-wrap gap-3 px-3 py-2">
          {after >= 0 && (
            <LinkButton to="?" preventScrollReset>
              From the first slot
            </LinkButton>
          )}
          {moves.next !== null && (
            <LinkButton to={`?after=${moves.next}`} icon="arrowDown" rel="next" preventScrollReset>
              More slots
            </LinkButton>
          )}
        </nav>
      )}
    </Panel>
  );
}

const COLUMNS: Column<SlotMoveView>[] = [
  { key: "slot", header: "Slot", align: "end", cell: ({ slot }) => <Count value={slot} /> },
  ...WAY_COLUMNS,
  {
    key: "state",
    header: "State",
    cell: (move) => {
      const { word, tone, icon } = slotLook(move);
      return (
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      );
    },
  },
  {
    key: "entries",
    header: "Entries",
    align: "end",
    cell: ({ entries }) => <Count value={entries} />,
  },
  { key: "bytes", header: "Size", align: "end", cell: ({ bytes }) => <Bytes value={bytes} /> },
  {
    key: "committed",
    header: "Committed",
    cell: ({ committedAtMs }) =>
      committedAtMs === null ? "–" : <Time ms={committedAtMs} omit="date" />,
  },
  { key: "digest", header: "Digest", cell: Digest },
];

/** Of no entries it is all zeros, which looks like a fault where it is none. */
function Digest({ digest, entries }: SlotMoveView) {
  if (digest === null) return "–";
  if (entries === 0) return <span className="text-muted">empty</span>;
  return (
    <span title={digest}>
      <Code>{digest.slice(0, DIGEST_SHOWN)}</Code>
    </span>
  );
}

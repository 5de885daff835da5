import type { RangesPage } from "../../routes/shards.server.ts";
import { namesOf } from "../plans/plan-words.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { counted, formatCount } from "../ui/format.ts";
import type { MovingSlots } from "./moving-slots.ts";
import { RangeTable } from "./range-table.tsx";

interface SlotMapNotesProps {
  moving: MovingSlots;
  ranges: RangesPage;
  shards: readonly { name: string; number: number }[];
  /** The sentence about a place in the table that is none. */
  badFrom: string | undefined;
}

/** Under a slot map: what is on its way, and the exact ranges one click away. */
export default function SlotMapNotes({ moving, ranges, shards, badFrom }: SlotMapNotesProps) {
  return (
    <>
      <MovingNote moving={moving} />
      {ranges.total > 0 && (
        <Disclosure
          summary={`Show the ${ranges.total === 1 ? "range" : counted(ranges.total, "range")} as a table`}
          open={ranges.from > 0 || badFrom !== undefined}
        >
          <RangeTable page={ranges} shards={shards} badFrom={badFrom} />
        </Disclosure>
      )}
    </>
  );
}

function MovingNote({ moving: { slots, targets } }: { moving: MovingSlots }) {
  if (slots === 0) return null;
  const [who, are] = slots === 1 ? ["1 slot", "is"] : [`${formatCount(slots)} slots`, "are"];
  return (
    <p className="text-sm">
      {who} {are} still to go, to {namesOf(targets)}: the foot of a slot shows where, until it has
      moved.
    </p>
  );
}

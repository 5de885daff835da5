import { namesOf } from "../plans/plan-words.ts";
import { formatCount } from "../ui/format.ts";
import type { MovingSlots } from "./moving-slots.ts";

/** The legend of what moves; nothing where nothing does. */
export function MovingNote({ moving: { slots, targets } }: { moving: MovingSlots }) {
  if (slots === 0) return null;
  const [who, are] = slots === 1 ? ["1 slot", "is"] : [`${formatCount(slots)} slots`, "are"];
  return (
    <p className="text-sm">
      {who} {are} still to go, to {namesOf(targets)}: the lower half of a slot shows where, until it
      has moved.
    </p>
  );
}

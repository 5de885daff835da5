import "./slot-map.css";
import { cx } from "../ui/cx.ts";

const HUES = 5;
const PATTERNS = 5;

/** Neighbours in the list differ in hue; every fifth one changes the pattern. */
export function lookClass(number: number): string {
  const index = number - 1;
  const pattern = Math.floor(index / HUES) % PATTERNS;
  return cx("shard-look", `shard-hue-${index % HUES}`, `shard-pattern-${pattern}`);
}

/** A shard's number and look, as on the slot map; its name stands beside it. */
export function ShardMark({ number }: { number: number }) {
  return (
    <span
      data-swatch
      title={`Number ${number} on the slot map`}
      className={cx(
        "inline-flex h-6 min-w-8 items-center justify-center rounded-sm px-0.5 align-middle",
        lookClass(number),
      )}
    >
      <span className="rounded-sm bg-raised px-1 text-xs leading-4 font-medium text-text">
        <span className="sr-only">Number </span>
        {number}
      </span>
    </span>
  );
}

import { useId } from "react";
import { formatShare } from "./format.ts";

interface ProgressProps {
  label: string;
  value: number;
  /** 0: there is nothing of it. */
  max: number;
  /** What `value` and `max` are, with their units: "12 of 40 slots". */
  text: string;
  /** What stands there where `max` is 0. */
  nothing: string;
}

/** How far something is: the words beside the bar say all that the bar shows. */
export function Progress({ label, value, max, text, nothing }: ProgressProps) {
  const id = useId();
  return (
    <div>
      <p className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span id={id} className="font-medium">
          {label}
        </span>
        <span className="text-sm text-muted">
          {max === 0 ? nothing : `${text} · ${formatShare(value, max)}`}
        </span>
      </p>
      {max > 0 && (
        <progress
          aria-labelledby={id}
          value={Math.min(value, max)}
          max={max}
          className={
            "mt-1 block h-2.5 w-full overflow-hidden rounded-sm bg-sunken" +
            " not-forced-colors:appearance-none [&::-moz-progress-bar]:bg-accent" +
            " [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
          }
        >
          {text}
        </progress>
      )}
    </div>
  );
}

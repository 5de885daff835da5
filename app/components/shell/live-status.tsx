import { cx } from "../ui/cx.ts";
import { formatDuration } from "../ui/format.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Time } from "../ui/values.tsx";
import { type LiveState, useLiveRevalidation } from "./use-live-revalidation.ts";

const TOLD: Record<LiveState, { word: string; icon: IconName; colour: string }> = {
  live: { word: "Live", icon: "activity", colour: "text-ok" },
  paused: { word: "Paused", icon: "pause", colour: "text-muted" },
  stale: { word: "Stale", icon: "alert", colour: "text-warn" },
  lost: { word: "No connection", icon: "alert", colour: "text-danger" },
  off: { word: "Not live", icon: "info", colour: "text-muted" },
};

/** Before script has taken over, or without it: nothing here will change by itself. */
const FROM_THE_SERVER = { word: "As of", icon: "clock", colour: "text-muted" } as const;

/** How old what you see is, and the switch that holds it still. */
export function LiveStatus({ renderedAtMs }: { renderedAtMs: number }) {
  const { state, ageMs, paused, setPaused } = useLiveRevalidation(renderedAtMs);
  const { word, icon, colour } = ageMs === null ? FROM_THE_SERVER : TOLD[state];
  return (
    <div className="flex min-h-11 items-center gap-1 lg:px-2">
      <p className="min-w-0 flex-1 text-sm leading-tight whitespace-nowrap">
        <output className={cx("flex items-center gap-1.5 font-medium", colour)}>
          <Icon name={icon} />
          {word}
        </output>
        <span className="block min-w-22 text-xs text-muted">
          {ageMs === null ? <Time ms={renderedAtMs} omit="date" /> : `updated ${formatAge(ageMs)}`}
        </span>
      </p>
      {state !== "off" && (
        <button
          type="button"
          aria-pressed={paused}
          onClick={() => setPaused(!paused)}
          className={
            "flex size-11 items-center justify-center rounded-md hover:bg-sunken lg:size-8" +
            " noscript:hidden"
          }
        >
          <Icon name={paused ? "play" : "pause"} />
          <span className="sr-only">Pause live updates</span>
        </button>
      )}
    </div>
  );
}

function formatAge(ageMs: number): string {
  return ageMs < 1_000 ? "just now" : `${formatDuration(Math.floor(ageMs / 1_000) * 1_000)} ago`;
}

import { lazy, Suspense, useSyncExternalStore } from "react";
import { Disclosure } from "../ui/disclosure.tsx";
import { formatCount } from "../ui/format.ts";
import { TrafficPicture } from "./traffic-picture.tsx";
import { OUTCOMES, sumOf, type TrafficPoint } from "./traffic-points.ts";

const TrafficLive = lazy(() => import("./traffic-live.tsx"));
/** The server writes it into the page; the browser fetches its script after everything else. */
const TrafficTable = lazy(() => import("./traffic-table.tsx"));

interface TrafficChartProps {
  /** Oldest first, without gaps. */
  points: readonly TrafficPoint[];
  bucketMs: number;
  /** What is counted and over which time, for who cannot see the picture. */
  label: string;
}

/**
 * Operations by outcome, stacked. The server draws the picture, the live chart takes its place
 * without moving anything, and the table holds the same rows.
 */
export function TrafficChart({ points, bucketMs, label }: TrafficChartProps) {
  const inBrowser = useSyncExternalStore(neverChanges, inTheBrowser, onTheServer);
  const picture = <TrafficPicture points={points} />;
  return (
    <div>
      <figure>
        <figcaption className="sr-only">{label}</figcaption>
        <div className="h-56 overflow-hidden">
          {inBrowser ? (
            <Suspense fallback={picture}>
              <TrafficLive points={points} bucketMs={bucketMs} />
            </Suspense>
          ) : (
            picture
          )}
        </div>
        <Legend points={points} />
      </figure>
      <Disclosure summary="Show as a table" className="mt-1">
        <Suspense fallback={null}>
          <TrafficTable points={points} label={label} />
        </Suspense>
      </Disclosure>
    </div>
  );
}

/** The totals stand beside the names, so that no reading depends on telling colours apart. */
function Legend({ points }: { points: readonly TrafficPoint[] }) {
  const sum = sumOf(points);
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 pt-2 text-sm">
      {OUTCOMES.map(({ key, name, colour }) => (
        <li key={key} className="flex items-center gap-1.5">
          <span
            data-swatch
            aria-hidden="true"
            className="size-3 rounded-sm"
            style={{ background: colour }}
          />
          {name} <span className="text-muted">{formatCount(sum[key])}</span>
        </li>
      ))}
    </ul>
  );
}

const neverChanges = () => () => {};
const inTheBrowser = () => true;
const onTheServer = () => false;

import { Link } from "react-router";
import type { Histogram } from "../../routes/logs-histogram.server.ts";
import { niceCeiling, OUTCOMES, totalOf, type TrafficPoint } from "../charts/traffic-points.ts";
import { usePreferences } from "../../preferences.ts";
import { counted, formatCountShort, timeParts } from "../ui/format.ts";
import { Time } from "../ui/values.tsx";

interface HistogramBarsProps {
  histogram: Histogram;
  hrefOf: (point: TrafficPoint) => string;
}

const HEIGHT = 100;
const BAR = 10;
const GAP = 1;

/**
 * The bars, drawn by the server. Each is a link that narrows the time down to it, for a pointer;
 * the table below has the same links for everybody else, so the picture itself is decoration.
 */
export function HistogramBars({ histogram, hrefOf }: HistogramBarsProps) {
  const { points, fromMs, toMs } = histogram;
  const most = Math.max(0, ...points.map(({ counts }) => totalOf(counts)));
  const top = niceCeiling(most);
  return (
    <div>
      <div className="relative h-24 border-y border-line" aria-hidden="true">
        {most > 0 && (
          <span className="absolute top-0 left-0 bg-raised pr-1 text-xs text-muted">
            {formatCountShort(top)}
          </span>
        )}
        <svg
          viewBox={`0 0 ${points.length * BAR} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="absolute inset-0 size-full"
        >
          {points.map((point, index) => (
            <Bar key={point.atMs} point={point} x={index * BAR} top={top} href={hrefOf(point)} />
          ))}
        </svg>
      </div>
      <p className="flex flex-wrap justify-between gap-x-4 text-xs text-muted">
        <Time ms={fromMs} precision="minute" />
        <Time ms={toMs} precision="minute" />
      </p>
    </div>
  );
}

interface BarProps {
  point: TrafficPoint;
  x: number;
  top: number;
  href: string;
}

function Bar({ point, x, top, href }: BarProps) {
  const { timeZone } = usePreferences();
  const { date, time, zone } = timeParts(point.atMs, timeZone);
  const total = totalOf(point.counts);
  return (
    <Link to={href} tabIndex={-1} preventScrollReset className="group/bar">
      <title>{`${date} ${time.slice(0, 5)} ${zone}: ${counted(total, "operation")}`}</title>
      <rect
        x={x}
        y="0"
        width={BAR}
        height={HEIGHT}
        className="fill-transparent group-hover/bar:fill-accent-soft"
      />
      {layersOf(point, top).map(({ key, colour, y, height }) => (
        <rect
          key={key}
          data-swatch
          x={x + GAP}
          y={y}
          width={BAR - GAP}
          height={height}
          fill={colour}
        />
      ))}
    </Link>
  );
}

/** The outcomes that happened, each on top of those before it. */
function layersOf({ counts }: TrafficPoint, top: number) {
  return OUTCOMES.map(({ key, colour }, index) => {
    const below = OUTCOMES.slice(0, index + 1).reduce(
      (sum, outcome) => sum + counts[outcome.key],
      0,
    );
    const y = round(HEIGHT - (below / top) * HEIGHT);
    return { key, colour, y, height: round((counts[key] / top) * HEIGHT) };
  }).filter(({ height }) => height > 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import { formatCountShort } from "../ui/format.ts";
import { Time } from "../ui/values.tsx";
import { niceCeiling, OUTCOMES, totalOf, type TrafficPoint } from "./traffic-points.ts";

const WIDTH = 1_000;
const HEIGHT = 200;

/** The chart as the server draws it: the same stack in the same place as the live one. */
export function TrafficPicture({ points }: { points: readonly TrafficPoint[] }) {
  const top = niceCeiling(Math.max(...points.map(({ counts }) => totalOf(counts))));
  return (
    <div
      aria-hidden="true"
      className="grid size-full grid-cols-[2.75rem_1fr] grid-rows-[1fr_auto] text-xs text-muted"
    >
      <div className="flex flex-col justify-between pr-1.5 text-end leading-none">
        <span>{formatCountShort(top)}</span>
        <span>{formatCountShort(top / 2)}</span>
        <span>0</span>
      </div>
      <StackedAreas points={points} top={top} />
      <span />
      <div className="flex h-7 items-end justify-between">
        {[points[0], points.at(-1)].map(
          (point, index) =>
            point && <Time key={index} ms={point.atMs} precision="minute" omit="zone" />,
        )}
      </div>
    </div>
  );
}

function StackedAreas({ points, top }: { points: readonly TrafficPoint[]; top: number }) {
  const x = (index: number) => round((index / Math.max(1, points.length - 1)) * WIDTH);
  const y = (count: number) => round(HEIGHT - (count / top) * HEIGHT);
  /** The upper edge of the lowest `outcomes` outcomes, stacked. */
  const edge = (outcomes: number) =>
    points.map(({ counts }, index) => {
      const stacked = OUTCOMES.slice(0, outcomes).reduce((sum, { key }) => sum + counts[key], 0);
      return `${x(index)},${y(stacked)}`;
    });
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="size-full min-h-0 overflow-visible"
    >
      {[0, 0.5, 1].map((share) => (
        <line
          key={share}
          x1="0"
          x2={WIDTH}
          y1={round(HEIGHT * share)}
          y2={round(HEIGHT * share)}
          stroke="var(--color-line)"
          vectorEffect="non-scaling-stroke"
        />
      ))}
      {OUTCOMES.map(({ key, colour }, layer) => (
        <polygon
          key={key}
          points={[...edge(layer + 1), ...edge(layer).toReversed()].join(" ")}
          fill={colour}
          fillOpacity="0.75"
          data-swatch
        />
      ))}
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

import { niceCeiling, OUTCOMES, totalOf, type TrafficPoint } from "./traffic-points.ts";

const WIDTH = 1_000;
const HEIGHT = 200;

/** The chart as the server draws it: the same stack as the live one, without axes to point at. */
export function TrafficPicture({ points }: { points: readonly TrafficPoint[] }) {
  const top = niceCeiling(Math.max(...points.map(({ counts }) => totalOf(counts))));
  const x = (index: number) => round((index / Math.max(1, points.length - 1)) * WIDTH);
  const y = (count: number) => round(HEIGHT - (count / top) * HEIGHT);
  /** The upper edge of the lowest `outcomes` outcomes, stacked. */
  const edge = (outcomes: number) =>
    points.map(({ counts }, index) => {
      const stacked = OUTCOMES.slice(0, outcomes).reduce((sum, { key }) => sum + counts[key], 0);
      return `${x(index)},${y(stacked)}`;
    });
  const layers = OUTCOMES.map(({ key, colour }, layer) => ({
    key,
    colour,
    outline: [...edge(layer + 1), ...edge(layer).toReversed()].join(" "),
  }));
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="size-full"
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
      {layers.map(({ key, colour, outline }) => (
        <polygon key={key} points={outline} fill={colour} fillOpacity="0.75" data-swatch />
      ))}
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

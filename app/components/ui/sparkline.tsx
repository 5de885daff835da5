interface SparklineProps {
  /** Oldest first; at least two to make a line. */
  values: readonly number[];
  /** What it shows, in words: the picture's text alternative. */
  label: string;
  className?: string;
}

const WIDTH = 120;
const HEIGHT = 28;

/** A line drawn by the server: no script, no layout shift. */
export function Sparkline({ values, label, className }: SparklineProps) {
  const top = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values
    .map(
      (value, index) =>
        `${round(index * step)},${round(HEIGHT - 1 - (value / top) * (HEIGHT - 3))}`,
    )
    .join(" ");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={className ?? "h-7 w-full text-accent"}
    >
      {values.length > 1 && (
        <>
          <polygon
            points={`0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`}
            fill="currentColor"
            opacity="0.12"
          />
          <polyline
            points={points}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            vectorEffect="non-scaling-stroke"
          />
        </>
      )}
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

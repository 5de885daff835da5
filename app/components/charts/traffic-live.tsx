import {
  Area,
  AreaChart,
  CartesianGrid,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { usePreferences } from "../../preferences.ts";
import { formatCount, formatCountShort, timeParts } from "../ui/format.ts";
import { OUTCOMES, type TrafficPoint } from "./traffic-points.ts";

interface TrafficLiveProps {
  points: readonly TrafficPoint[];
  bucketMs: number;
}

const DAY_MS = 86_400_000;
const AXIS = { fill: "var(--color-muted)", fontSize: 12 };

/** The stack with axes and a reading for each point. Fetched when the page is already there. */
export default function TrafficLive({ points, bucketMs }: TrafficLiveProps) {
  const { timeZone } = usePreferences();
  const spanMs = points.length * bucketMs;
  const rows = points.map(({ atMs, counts }) => ({ atMs, ...counts }));
  const tick = (ms: number) => {
    const { date, time } = timeParts(ms, timeZone);
    return spanMs > 2 * DAY_MS ? date.slice(5) : time.slice(0, 5);
  };
  const moment = (ms: unknown) => {
    const { date, time, zone } = timeParts(Number(ms), timeZone);
    return `${date} ${time.slice(0, 5)} ${zone}`;
  };
  return (
    <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 800, height: 224 }}>
      <AreaChart data={rows} margin={{ top: 4, right: 4, bottom: 0, left: 0 }}>
        <CartesianGrid stroke="var(--color-line)" vertical={false} />
        <XAxis
          dataKey="atMs"
          tickFormatter={tick}
          tick={AXIS}
          stroke="var(--color-line)"
          minTickGap={48}
        />
        <YAxis
          tickFormatter={formatCountShort}
          tick={AXIS}
          stroke="var(--color-line)"
          width={44}
          allowDecimals={false}
        />
        <Tooltip
          labelFormatter={moment}
          formatter={(value) => formatCount(Number(value))}
          isAnimationActive={false}
          contentStyle={{
            background: "var(--color-raised)",
            border: "1px solid var(--color-line)",
            borderRadius: 4,
            fontSize: 13,
          }}
        />
        {OUTCOMES.map(({ key, name, colour }) => (
          <Area
            key={key}
            dataKey={key}
            name={name}
            stackId="outcomes"
            stroke="none"
            fill={colour}
            fillOpacity={0.75}
            isAnimationActive={false}
          />
        ))}
      </AreaChart>
    </ResponsiveContainer>
  );
}

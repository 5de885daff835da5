import { lazy, Suspense } from "react";
import { RANGE_NAMES, TRAFFIC_RANGES, type TrafficRange } from "../../traffic-ranges.ts";
import type { Traffic } from "../../traffic.server.ts";
import { Tabs } from "../ui/links.tsx";
import { Panel, PanelAwait } from "../ui/panel.tsx";
import { Notice } from "../ui/status.tsx";
import { Duration, Time } from "../ui/values.tsx";
import { TrafficChart } from "./traffic-chart.tsx";
import { totalOf, sumOf } from "./traffic-points.ts";

const NoTraffic = lazy(() => import("./no-traffic.tsx"));

interface TrafficPanelProps {
  title: string;
  range: TrafficRange;
  /** The sentence about a range in the URL that does not exist. */
  badRange: string | null;
  traffic: Promise<Traffic>;
  /** Where the HTTP API is, for the command that a newcomer copies. */
  origin: string;
}

/** A chart over a range that stands in the URL as `?range=`. Key it by what it is about. */
export function TrafficPanel({ title, range, badRange, traffic, origin }: TrafficPanelProps) {
  const tabs = RANGE_NAMES.map((name) => ({
    key: name,
    name,
    title: TRAFFIC_RANGES[name].name,
    to: `?range=${name}`,
  }));
  return (
    <Panel title={title} actions={<Tabs label="Time range" tabs={tabs} current={range} />}>
      {badRange !== null && (
        <div className="pb-3">
          <Notice tone="warn" title={badRange}>
            Showing {TRAFFIC_RANGES[range].name} instead.
          </Notice>
        </div>
      )}
      <PanelAwait resolve={traffic} what="The traffic" fallback={<ChartSkeleton />}>
        {(value) => <TrafficContent traffic={value} title={title} origin={origin} />}
      </PanelAwait>
    </Panel>
  );
}

interface ContentProps {
  traffic: Traffic;
  title: string;
  origin: string;
}

function TrafficContent({ traffic, title, origin }: ContentProps) {
  const { points, bucketMs, missing, cutFromMs, historyProblem, asOfMs } = traffic;
  const isEmpty = totalOf(sumOf(points)) === 0;
  return (
    <div className="flex flex-col gap-3">
      {isEmpty ? (
        <Suspense fallback={<div className="h-56" />}>
          <NoTraffic origin={origin} isKnown={missing.length === 0 && historyProblem === null} />
        </Suspense>
      ) : (
        <TrafficChart points={points} bucketMs={bucketMs} label={title} />
      )}
      {missing.length > 0 && (
        <Notice tone="warn" title={`Without ${missing.map(({ shard }) => shard).join(", ")}.`}>
          {missing.length === 1 ? "This shard does" : "These shards do"} not answer; the newest
          operations there are not in the chart.
        </Notice>
      )}
      {cutFromMs !== null && (
        <Notice tone="warn" title="Too many types of entries for one chart.">
          What happened from <Time ms={cutFromMs} /> on is counted in part only; a shorter range
          shows it.
        </Notice>
      )}
      {historyProblem !== null && <Notice tone="warn" title={historyProblem} />}
      <p className="text-sm text-muted">
        Each point counts <Duration ms={bucketMs} />; as of <Time ms={asOfMs} />.
      </p>
    </div>
  );
}

/** As high as the chart with its legend, so that nothing moves when it comes. */
function ChartSkeleton() {
  return (
    <div aria-busy="true">
      <span className="sr-only">Loading the traffic…</span>
      <div className="h-56 rounded-sm bg-sunken" />
      <div className="h-[5.75rem]" />
    </div>
  );
}

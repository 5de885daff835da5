import type { OverviewPulse, ShardsHealth } from "../../overview.server.ts";
import { hitRatioOf, totalOf } from "../charts/traffic-points.ts";
import { TextLink } from "../ui/button.tsx";
import { counted, formatBytes, formatShare } from "../ui/format.ts";
import { PanelAwait } from "../ui/panel.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { Meter, Stat, StatGroup } from "../ui/stat.tsx";
import { Count, Rate, Share } from "../ui/values.tsx";

interface FiguresProps {
  pulse: Promise<OverviewPulse>;
  shards: Promise<ShardsHealth>;
}

/** The few figures that tell whether today is a normal day. */
export function Figures({ pulse, shards }: FiguresProps) {
  return (
    <section aria-label="Key figures" className="grid gap-3 lg:grid-cols-[4fr_1fr]">
      <PanelAwait resolve={pulse} what="The newest figures" fallback={<Placeholders count={4} />}>
        {(value) => <PulseFigures pulse={value} />}
      </PanelAwait>
      <PanelAwait resolve={shards} what="The shards' figures" fallback={<Placeholders count={1} />}>
        {(value) => <EntryFigures shards={value} />}
      </PanelAwait>
    </section>
  );
}

function PulseFigures({ pulse }: { pulse: OverviewPulse }) {
  const { counts, perMinute, perSecond, hottest } = pulse;
  const ratio = hitRatioOf(counts);
  const total = totalOf(counts);
  return (
    <StatGroup columns={4}>
      <Stat label="Operations" value={<Rate perSecond={perSecond} />}>
        <Sparkline values={perMinute} label="Operations a minute over the last 15 minutes" />
      </Stat>
      <Stat
        label="Hit ratio"
        value={ratio === null ? "–" : formatShare(ratio, 1)}
        note={ratio === null ? "no reads in 15 min" : "of reads in 15 min"}
      />
      <Stat
        label="Rejected"
        value={<Count value={counts.rejected} short />}
        tone={counts.rejected > 0 ? "warn" : "neutral"}
        note={
          counts.rejected > 0 ? (
            <TextLink to="/logs?outcome=rejected">
              <Share part={counts.rejected} whole={total} /> in 15 min
            </TextLink>
          ) : (
            "in 15 min"
          )
        }
      />
      <Stat
        label="Hottest shard"
        value={
          hottest === null ? (
            "–"
          ) : (
            <TextLink
              to={`/shards/${hottest.shard}`}
              className="block truncate"
              title={hottest.shard}
            >
              {hottest.shard}
            </TextLink>
          )
        }
        note={hottest === null ? "no operations" : `${formatShare(hottest.share, 1)} of operations`}
      />
    </StatGroup>
  );
}

function EntryFigures({ shards }: { shards: ShardsHealth }) {
  const { entries, bytes, capacityBytes, silent } = shards;
  const text = `${formatBytes(bytes)} of ${formatBytes(capacityBytes)}`;
  return (
    <StatGroup columns={1}>
      <Stat
        label="Entries"
        value={<Count value={entries} short />}
        note={
          <>
            {text}
            {silent.length > 0 &&
              `, without ${counted(silent.length, "shard")} that ${silent.length === 1 ? "does" : "do"} not answer`}
          </>
        }
      >
        <Meter label="Capacity used" value={bytes} max={capacityBytes} text={text} />
      </Stat>
    </StatGroup>
  );
}

function Placeholders({ count }: { count: number }) {
  return (
    <div
      aria-busy="true"
      className={count === 1 ? "grid" : "grid grid-cols-2 gap-3 sm:grid-cols-4"}
    >
      <span className="sr-only">Loading the figures…</span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="h-25 rounded-md border border-line bg-raised" />
      ))}
    </div>
  );
}

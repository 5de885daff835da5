import type { ShardStats } from "../../../workers/contracts.ts";
import { formatBytes, formatCount, formatShare } from "../ui/format.ts";
import { Meter, Stat, StatGroup } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { Count, Time } from "../ui/values.tsx";
import { OBJECT_BYTES_MAX } from "./words.ts";

const NEARLY_FULL = 0.9;

/** What the shard holds, each against its own limit. */
export function ShardStorage({ stats }: { stats: ShardStats }) {
  const { alarm } = stats;
  return (
    <section aria-label="What the shard holds" className="flex flex-col gap-3">
      {alarm.lastError !== null && (
        <Notice tone="warn" title={`Its housekeeping has failed ${alarm.failures} times in a row.`}>
          {alarm.lastError} It tries again by itself; the shard serves. Expired entries and old logs
          stay until it works again.
        </Notice>
      )}
      <StatGroup columns={4}>
        <Entries {...stats} />
        <Storage {...stats} />
        <Logs {...stats} />
        <Housekeeping {...stats} />
      </StatGroup>
    </section>
  );
}

function Entries({ entries, entriesInTransit, entryBytes, capacityBytes, evictions }: ShardStats) {
  const text = `${formatBytes(entryBytes)} of ${formatBytes(capacityBytes)} capacity`;
  return (
    <Stat
      label="Entries"
      value={<Count value={entries} short />}
      note={
        <>
          {text}; {formatCount(evictions)} evicted
          {entriesInTransit > 0 && `; ${formatCount(entriesInTransit)} come or go with their slots`}
        </>
      }
    >
      <Fill label="Capacity used" value={entryBytes} max={capacityBytes} text={text} />
    </Stat>
  );
}

function Storage({ storageBytes }: ShardStats) {
  const text = `${formatShare(storageBytes, OBJECT_BYTES_MAX)} of the 10 GB that one object stores`;
  return (
    <Stat label="Storage" value={formatBytes(storageBytes)} note={text}>
      <Fill label="Storage used" value={storageBytes} max={OBJECT_BYTES_MAX} text={text} />
    </Stat>
  );
}

function Logs({ logs, logsAdopted, logRowsMax, logRetentionDays, oldestLogMs }: ShardStats) {
  const text = `${formatCount(logs)} of ${formatCount(logRowsMax)} rows`;
  return (
    <Stat
      label="Usage logs"
      value={<Count value={logs} short />}
      note={
        <>
          kept {logRetentionDays} days, at most {formatCount(logRowsMax)}
          {logsAdopted > 0 && `; ${formatCount(logsAdopted)} from drained shards`}
          {oldestLogMs !== null && (
            <>
              ; oldest <Time ms={oldestLogMs} precision="minute" omit="zone" />
            </>
          )}
        </>
      }
    >
      <Fill label="Log rows used" value={logs} max={logRowsMax} text={text} />
    </Stat>
  );
}

function Housekeeping({ alarm, slotsServing }: ShardStats) {
  const { nextAtMs, lastRanAtMs, lastError } = alarm;
  return (
    <Stat
      label="Housekeeping"
      value={lastError === null ? "Works" : "Fails"}
      tone={lastError === null ? "neutral" : "warn"}
      note={
        <>
          {lastRanAtMs === null ? "not run yet" : <Ran atMs={lastRanAtMs} />};{" "}
          {nextAtMs === null ? (
            "nothing to do"
          ) : (
            <>
              next <Time ms={nextAtMs} omit="date-and-zone" />
            </>
          )}
          ; has served {formatCount(slotsServing)} of its slots
        </>
      }
    />
  );
}

function Ran({ atMs }: { atMs: number }) {
  return (
    <>
      ran <Time ms={atMs} omit="date-and-zone" />
    </>
  );
}

function Fill(props: { label: string; value: number; max: number; text: string }) {
  const full = props.value >= NEARLY_FULL * props.max;
  return <Meter {...props} tone={full ? "warn" : "accent"} />;
}

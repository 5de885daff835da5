import type { ShardStats } from "../../../workers/contracts.ts";
import { formatBytes, formatCount, formatShare } from "../ui/format.ts";
import { FillMeter, Stat, StatGroup } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { Count, Time } from "../ui/values.tsx";
import { OBJECT_BYTES_MAX } from "./words.ts";

const SOON_MS = 12 * 3_600_000;

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
      <FillMeter label="Capacity used" value={entryBytes} max={capacityBytes} text={text} />
    </Stat>
  );
}

function Storage({ storageBytes }: ShardStats) {
  const text = `${formatShare(storageBytes, OBJECT_BYTES_MAX)} of the 10 GB that one object stores`;
  return (
    <Stat label="Storage" value={formatBytes(storageBytes)} note={text}>
      <FillMeter label="Storage used" value={storageBytes} max={OBJECT_BYTES_MAX} text={text} />
    </Stat>
  );
}

function Logs(stats: ShardStats) {
  const { logs, logsAdopted, logsAdoptedMax, logRowsMax, logRetentionDays, oldestLogMs } = stats;
  const own = logs - logsAdopted;
  const text = `${formatCount(own)} of ${formatCount(logRowsMax)} rows of its own`;
  return (
    <Stat
      label="Usage logs"
      value={<Count value={logs} short />}
      note={
        <>
          kept {logRetentionDays} days, at most {formatCount(logRowsMax)}
          {logsAdopted > 0 &&
            `; ${formatCount(logsAdopted)} of at most ${formatCount(logsAdoptedMax)} from drained shards`}
          {oldestLogMs !== null && (
            <>
              ; oldest <Time ms={oldestLogMs} precision="minute" omit="zone" />
            </>
          )}
        </>
      }
    >
      <FillMeter label="Log rows used" value={own} max={logRowsMax} text={text} />
    </Stat>
  );
}

function Housekeeping({ alarm }: ShardStats) {
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
              next <Time ms={nextAtMs} omit={isSoon(alarm) ? "date-and-zone" : "zone"} />
            </>
          )}
        </>
      }
    />
  );
}

/** What only retention waits for may be days away, and then the hour alone says little. */
function isSoon({ nextAtMs, lastRanAtMs }: ShardStats["alarm"]): boolean {
  return (nextAtMs ?? 0) - (lastRanAtMs ?? nextAtMs ?? 0) < SOON_MS;
}

function Ran({ atMs }: { atMs: number }) {
  return (
    <>
      ran <Time ms={atMs} omit="date-and-zone" />
    </>
  );
}

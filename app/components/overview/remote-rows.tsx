import type { DatabaseHealth, ShardsHealth } from "../../overview.server.ts";
import { TextLink } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Count, Duration, Time } from "../ui/values.tsx";
import { HealthRow } from "./health-row.tsx";

/** The outbox is shipped every minute; what waits longer than this waits for a reason. */
const PENDING_LATE_MS = 5 * 60_000;

export function ShardRows({ health }: { health: ShardsHealth }) {
  const { asked, silent, alarmErrors, logsCapped } = health;
  return (
    <>
      {silent.map(({ shard, error, sinceMs }) => (
        <HealthRow
          key={shard}
          about="Shard"
          tone="danger"
          action={{ to: `/shards/${shard}`, name: "Open shard" }}
        >
          <strong className="font-semibold">{shard}</strong> does not answer, asked at{" "}
          <Time ms={sinceMs} omit="date" />: {error}
        </HealthRow>
      ))}
      {alarmErrors.map(({ shard, error, failures }) => (
        <HealthRow
          key={shard}
          about="Alarm"
          tone="warn"
          icon="clock"
          action={{ to: `/shards/${shard}`, name: "Open shard" }}
        >
          <strong className="font-semibold">{shard}</strong>: housekeeping failed{" "}
          <Count value={failures} /> times in a row. {error}
        </HealthRow>
      ))}
      {logsCapped.length > 0 && (
        <HealthRow about="Retention" tone="warn" icon="clock">
          The usage log is at its row limit on{" "}
          {logsCapped.map(({ shard }, index) => (
            <span key={shard}>
              {index > 0 && ", "}
              <TextLink to={`/shards/${shard}`}>{shard}</TextLink>
            </span>
          ))}
          : older rows go before their days are over.
        </HealthRow>
      )}
      {silent.length === 0 && (
        <HealthRow about="Shards" tone="ok">
          {asked === 1 ? "The only one answers." : `All ${formatCount(asked)} answer.`}
        </HealthRow>
      )}
    </>
  );
}

export function DatabaseRows({ health, nowMs }: { health: DatabaseHealth; nowMs: number }) {
  const { problem, oldestPendingMs } = health;
  const waitedMs = oldestPendingMs === null ? 0 : nowMs - oldestPendingMs;
  if (problem !== null) {
    return (
      <HealthRow about="Database" tone="warn" icon="database">
        <p className="font-medium">
          Does not answer. The cache serves; history and sign-in do not.
        </p>
        <p className="text-sm">{problem}</p>
      </HealthRow>
    );
  }
  if (waitedMs > PENDING_LATE_MS) {
    return (
      <HealthRow about="Database" tone="warn" icon="database">
        Answers, but events have been waiting for it for <Duration ms={waitedMs} />.
      </HealthRow>
    );
  }
  return (
    <HealthRow about="Database" tone="ok">
      Answers.
    </HealthRow>
  );
}

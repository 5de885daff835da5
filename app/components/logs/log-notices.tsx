import type { LogsPage } from "../../routes/logs.server.ts";
import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";

interface LogNoticesProps extends Pick<LogsPage, "missing" | "retainedFromMs"> {
  self: string;
  fromMs: number;
}

/** What is not in the list. */
export default function LogNotices({ missing, self, retainedFromMs, fromMs }: LogNoticesProps) {
  return (
    <>
      <MissingShards missing={missing} self={self} />
      <RetentionNote retainedFromMs={retainedFromMs} fromMs={fromMs} />
    </>
  );
}

/** Which shards' rows are not in the list, and why. */
export function MissingShards({ missing, self }: { missing: LogsPage["missing"]; self: string }) {
  const [first] = missing;
  if (first === undefined) return null;
  const names = missing.map(({ shard }) => shard).join(", ");
  const one = missing.length === 1;
  return (
    <div className="px-3 pb-3">
      <Notice
        tone="warn"
        title={`${names} did not answer: ${one ? "its" : "their"} logs are missing here.`}
        actions={
          <LinkButton to={self} size="small" reloadDocument>
            Try again
          </LinkButton>
        }
      >
        {first.error} Asked at <Time ms={first.sinceMs} />. The other shards’ logs are complete, and
        nothing is lost.
      </Notice>
    </div>
  );
}

/** Where retention has cut, when the chosen time reaches that far back. */
export function RetentionNote({
  retainedFromMs,
  fromMs,
}: {
  retainedFromMs: number | null;
  fromMs: number;
}) {
  if (retainedFromMs === null || fromMs > retainedFromMs) return null;
  return (
    <div className="px-3 pb-3">
      <Notice
        tone="info"
        title={
          <>
            Older logs were removed by retention: kept since <Time ms={retainedFromMs} />.
          </>
        }
      >
        Some shards may hold older ones. Counts outlive logs, so the histogram reaches further back.
      </Notice>
    </div>
  );
}

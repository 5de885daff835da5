import type { LogsPage } from "../../routes/logs.server.ts";
import { TRAFFIC_RANGES } from "../../traffic-ranges.ts";
import { LinkButton } from "../ui/button.tsx";
import { counted } from "../ui/format.ts";
import { Empty } from "../ui/status.tsx";
import { type LogFilters, logsHref, narrows } from "./filters.ts";

interface NoLogsProps {
  page: LogsPage;
  filters: LogFilters;
  hasShards: boolean;
}

/** Nothing to show, and the next step: it differs by why there is nothing. */
export default function NoLogs({ page, filters, hasShards }: NoLogsProps) {
  const { older, rowsScanned } = page;
  if (!hasShards) {
    return (
      <Empty
        icon="list"
        title="No shards yet, so no logs"
        action={<LinkButton to="/shards">To the shards</LinkButton>}
      >
        Each operation leaves a log in the shard that carried it out.
      </Empty>
    );
  }
  if (older !== null) {
    return (
      <Empty
        icon="search"
        title={`Looked at ${counted(rowsScanned, "row")}, none matched`}
        action={
          <LinkButton to={older} icon="arrowDown">
            Go on
          </LinkButton>
        }
      >
        There are older rows in the chosen time that nobody has looked at yet.
      </Empty>
    );
  }
  return narrows(filters) ? (
    <Empty
      icon="search"
      title={`No log matches ${timeOf(filters)}`}
      action={<WayOut filters={filters} />}
    >
      Types, shards, operations and outcomes are compared whole, keys by how they begin.
    </Empty>
  ) : (
    <Empty icon="list" title={`No logs ${timeOf(filters)}`} action={<WayOut filters={filters} />}>
      Nobody has used the cache then, or retention has removed its logs.
    </Empty>
  );
}

function WayOut({ filters }: { filters: LogFilters }) {
  const longest = { ...filters, range: "7d", from: "", to: "" };
  return (
    <>
      {filters.range !== "30d" && filters.range !== "7d" && (
        <LinkButton to={logsHref(longest)}>Look over 7 days</LinkButton>
      )}
      {narrows(filters) && <LinkButton to="/logs">Without filters</LinkButton>}
    </>
  );
}

function timeOf({ from, to, range }: LogFilters): string {
  if (from !== "" || to !== "") return "in the chosen time";
  const known = Object.entries(TRAFFIC_RANGES).find(([name]) => name === range);
  return `in the last ${(known?.[1].name ?? range).replace(/^1 /, "")}`;
}

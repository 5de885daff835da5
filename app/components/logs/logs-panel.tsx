import { lazy, type ReactNode, Suspense } from "react";
import type { LogsPage } from "../../routes/logs.server.ts";
import { ExportLinks } from "../filters/export-links.tsx";
import { Button, LinkButton } from "../ui/button.tsx";
import { counted, formatCount } from "../ui/format.ts";
import { Pagination } from "../ui/links.tsx";
import { Panel, PanelAwait, Skeleton } from "../ui/panel.tsx";
import { type LogFilters, logsSearch, narrows } from "./filters.ts";
import { MissingShards, RetentionNote } from "./log-notices.tsx";
import { LogTable } from "./log-table.tsx";
import { useTail } from "./use-tail.ts";

// Its script comes after the first load, which has a budget; most pages have rows.
const NoLogs = lazy(() => import("./no-logs.tsx"));

interface LogsPanelProps {
  filters: LogFilters;
  rows: Promise<LogsPage>;
  /** Where this page is; changes with every filter and cursor. */
  self: string;
  newest: string | null;
  isLive: boolean;
  fromMs: number;
  hasShards: boolean;
}

/** The rows of one page of the list. */
export function LogsPanel(props: LogsPanelProps) {
  return (
    <PanelAwait
      key={props.self}
      resolve={props.rows}
      what="The logs"
      fallback={
        <Panel title={titleOf(props)}>
          <Skeleton lines={16} label="Loading the logs" />
        </Panel>
      }
    >
      {(page) => (props.isLive ? <Tail {...props} page={page} /> : <Rows {...props} page={page} />)}
    </PanelAwait>
  );
}

type WithPage = LogsPanelProps & { page: LogsPage };

function Tail(props: WithPage) {
  const { shown, fresh, isMore, following, setFollowing, showLatest } = useTail(props.page);
  return (
    <Rows
      {...props}
      page={shown}
      controls={
        <div className="flex flex-wrap items-center gap-2 noscript:hidden">
          {fresh > 0 && (
            <Button type="button" size="small" tone="accent" onClick={showLatest}>
              {formatCount(fresh)}
              {isMore && "+"} new
            </Button>
          )}
          <Button
            type="button"
            size="small"
            icon={following ? "pause" : "play"}
            aria-pressed={following}
            onClick={() => setFollowing(!following)}
          >
            {following ? "Pause" : "Live tail"}
          </Button>
        </div>
      }
    />
  );
}

function Rows(props: WithPage & { controls?: ReactNode }) {
  const { page, filters, newest, self, controls, fromMs, hasShards } = props;
  const { logs, older, missing, retainedFromMs } = page;
  return (
    <Panel
      title={titleOf(props)}
      actions={
        <>
          {controls}
          <LinkButton to={newest ?? self} size="small" reloadDocument={newest === null}>
            Newest
          </LinkButton>
          <ExportLinks path="/logs/export" search={logsSearch(filters)} />
        </>
      }
      flush
    >
      <MissingShards missing={missing} self={self} />
      <RetentionNote retainedFromMs={retainedFromMs} fromMs={fromMs} />
      {logs.length === 0 ? (
        <Suspense fallback={<div className="h-52" />}>
          <NoLogs {...{ page, filters, hasShards }} />
        </Suspense>
      ) : (
        <LogTable caption="Usage logs, newest first" logs={logs} />
      )}
      {(older !== null || newest !== null || logs.length > 0) && (
        <Pagination
          label="Pages of the logs"
          newest={newest ?? undefined}
          older={older ?? undefined}
          note={noteOf(page)}
        />
      )}
    </Panel>
  );
}

function titleOf({ filters, newest }: LogsPanelProps): string {
  const rows = narrows(filters) ? "Matching logs" : "Logs";
  return newest === null ? rows : `${rows}, an older page`;
}

function noteOf({ logs, older, missing }: LogsPage): string | undefined {
  if (older !== null) return `${counted(logs.length, "row")} on this page`;
  return missing.length === 0 ? "This is the beginning of the chosen time." : undefined;
}

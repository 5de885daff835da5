import { lazy, type ReactNode, Suspense } from "react";
import type { LogsPage } from "../../routes/logs.server.ts";
import { ExportLinks } from "../filters/export-links.tsx";
import { Button, LinkButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { counted, formatCount } from "../ui/format.ts";
import { Pagination } from "../ui/links.tsx";
import { Panel, PanelAwait, Skeleton } from "../ui/panel.tsx";
import { type LogFilters, logsSearch, narrows } from "./filters.ts";
import { LogTable } from "./log-table.tsx";
import { useTail } from "./use-tail.ts";

// Their scripts come after the first load, which has a budget; most pages have all rows.
const NoLogs = lazy(() => import("./no-logs.tsx"));
const LogNotices = lazy(() => import("./log-notices.tsx"));

/** Who goes from page to page reads rows; the filters and the histogram above have not changed. */
const ROWS_ID = "rows";

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
    <div id={ROWS_ID}>
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
        {(page) =>
          props.isLive ? <Tail {...props} page={page} /> : <Rows {...props} page={page} />
        }
      </PanelAwait>
    </div>
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
        <div className="contents noscript:hidden">
          <Button
            type="button"
            size="small"
            tone="accent"
            onClick={showLatest}
            // It keeps its place while there is nothing new, so that rows stay where they are read.
            className={cx("min-w-28 max-sm:order-1", fresh === 0 && "invisible")}
          >
            {formatCount(fresh)}
            {isMore && "+"} new
          </Button>
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
      {(missing.length > 0 || retainedFromMs !== null) && (
        <Suspense>
          <LogNotices {...{ missing, self, retainedFromMs, fromMs }} />
        </Suspense>
      )}
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
          newest={newest === null ? undefined : `${newest}#${ROWS_ID}`}
          older={older === null ? undefined : `${older}#${ROWS_ID}`}
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

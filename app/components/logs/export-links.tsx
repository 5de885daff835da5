import { type LogFilters, logsSearch } from "./filters.ts";

const LINK =
  "inline-flex min-h-8 items-center rounded-md border border-line-strong bg-raised px-2.5" +
  " text-sm font-medium hover:bg-sunken";

/** Plain links: the browser saves what they answer with. */
export function ExportLinks({ filters }: { filters: LogFilters }) {
  const search = logsSearch(filters);
  const href = (format: string) => `/logs/export?format=${format}${search && `&${search}`}`;
  return (
    <>
      <a href={href("csv")} download className={LINK}>
        <span className="sr-only">Export as </span>CSV
      </a>
      <a href={href("ndjson")} download className={LINK}>
        <span className="sr-only">Export as </span>NDJSON
      </a>
    </>
  );
}

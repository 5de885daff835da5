const LINK =
  "inline-flex min-h-8 items-center rounded-md border border-line-strong bg-raised px-2.5" +
  " text-sm font-medium hover:bg-sunken";

interface ExportLinksProps {
  /** Where the files are: "/logs/export". */
  path: string;
  /** The filters, as the page's own address has them. */
  search: string;
}

/** Plain links: the browser saves what they answer with. */
export function ExportLinks({ path, search }: ExportLinksProps) {
  const href = (format: string) => `${path}?format=${format}${search && `&${search}`}`;
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

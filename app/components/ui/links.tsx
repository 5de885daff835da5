import type { ReactNode } from "react";
import { Link, type To } from "react-router";
import { LinkButton } from "./button.tsx";
import { cx } from "./cx.ts";

interface TabsProps {
  /** Says what is chosen here: "Time range". */
  label: string;
  tabs: { key: string; name: ReactNode; to: To; title?: string }[];
  current: string;
}

/** A choice that lives in the URL: links, so it works without script and can be shared. */
export function Tabs({ label, tabs, current }: TabsProps) {
  return (
    <nav aria-label={label} className="max-w-full overflow-x-auto">
      <ul className="inline-flex rounded-md border border-line bg-sunken p-0.5">
        {tabs.map((tab) => (
          <li key={tab.key}>
            <Link
              to={tab.to}
              title={tab.title}
              preventScrollReset
              aria-current={tab.key === current ? "true" : undefined}
              className={cx(
                "flex min-h-8 min-w-10 items-center justify-center rounded-sm px-2.5 text-sm",
                "font-medium whitespace-nowrap -outline-offset-2 pointer-coarse:min-h-11",
                tab.key === current
                  ? "bg-raised text-text ring-1 ring-line-strong forced-colors:outline-2"
                  : "text-muted hover:text-text",
              )}
            >
              {tab.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface PaginationProps {
  label: string;
  /** Absent: this is the first page. */
  newest?: To | undefined;
  /** Absent: this is the end. */
  older?: To | undefined;
  /** What stands at the end, or how far this page reaches. */
  note?: ReactNode;
}

/** Pages by cursor: there is no page number to drift while new rows come in. */
export function Pagination({ label, newest, older, note }: PaginationProps) {
  return (
    <nav aria-label={label} className="flex flex-wrap items-center gap-3 px-3 py-2">
      {newest !== undefined && <LinkButton to={newest}>Newest</LinkButton>}
      {older !== undefined && (
        <LinkButton to={older} icon="arrowDown" rel="next">
          Older
        </LinkButton>
      )}
      {note && <p className="text-sm text-muted">{note}</p>}
    </nav>
  );
}

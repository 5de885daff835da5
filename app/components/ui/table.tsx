import type { Key, ReactNode } from "react";
import { cx } from "./cx.ts";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  /** The heading that a cell brings along as a card on a phone, when `header` is no plain text. */
  label?: string;
  align?: "start" | "end";
  /** Takes the card's whole width on a phone, without a heading: names, long text, details. */
  wide?: boolean;
  /** The cell that names its row. */
  rowHeader?: boolean;
  className?: string;
  cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  /** Says what the table holds; shown to assistive technology only. */
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => Key;
  /** The row's id attribute, so that a link can point at it. */
  rowId?: (row: Row) => string | undefined;
  rowClassName?: (row: Row) => string | undefined;
  /**
   * On a phone: each row a card, the table scrolled sideways, or as it is. The caller scrolls what
   * is `none`, and `cards-in-scroller` at any width.
   */
  narrow?: "cards" | "cards-in-scroller" | "scroll" | "none";
  /** Shown in place of the rows where there are none. */
  empty?: ReactNode;
}

/** Lines up; numbers to the end in tabular figures; on a phone each row becomes a card. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, rowKey, rowId, rowClassName, narrow = "cards", empty } = props;
  if (rows.length === 0 && empty !== undefined) return empty;
  const table = (
    <table className={cx("w-full text-start", narrow.startsWith("cards") && "table-cards")}>
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" className={headClass(column)}>
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            id={rowId?.(row)}

            className={cx("hover:bg-sunken/60 target:bg-accent-soft", rowClassName?.(row))}
          >
            {columns.map((column) => (
              <Cell key={column.key} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
  if (narrow === "none" || narrow === "cards-in-scroller") return table;
  if (narrow === "cards") return <div className="sm:overflow-x-auto">{table}</div>;
  return <ScrollRegion label={caption}>{table}</ScrollRegion>;
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const label = column.label ?? (typeof column.header === "string" ? column.header : column.key);
  return (
    <td
      data-label={label}
      data-wide={column.wide || undefined}
      className={cx(
        "px-3 py-2 align-top wrap-break-word",
        column.align === "end" && "text-end whitespace-nowrap",
        column.rowHeader && "font-medium",
        column.className,
      )}
    >
      <div className="min-w-0">{column.cell(row)}</div>
    </td>
  );
}

function headClass<Row>(column: Column<Row>): string {
  return cx(
    "border-b border-line px-3 py-1.5 text-xs font-medium whitespace-nowrap text-muted",
    column.align === "end" ? "text-end" : "text-start",
  );
}

/**
 * Anything wider than the screen scrolls in its own frame, by keyboard as well. Also what is there to
 * be read out only is cut by it (`relative`), or it would lengthen the page.
 */
export function ScrollRegion({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroller needs the keyboard.
    <section aria-label={label} tabIndex={0} className="scroll-shadows relative overflow-x-auto">
      {children}
    </section>
  );
}

import type { ReactNode } from "react";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

interface DisclosureProps {
  summary: ReactNode;
  /** Only the first rendering counts: after that it is the reader's. */
  open?: boolean;
  className?: string;
  /** `quiet` inside a text or a cell; `bar` across a panel, 44 px high. */
  look?: "quiet" | "bar";
  children: ReactNode;
}

/** More, for who wants it; the platform's own `<details>`, so it opens without script. */
export function Disclosure({
  summary,
  open,
  className,
  look = "quiet",
  children,
}: DisclosureProps) {
  return (
    <details open={open || undefined} className={cx("group/disclosure", className)}>
      <summary
        className={cx(
          "list-none items-center gap-1.5 font-medium [&::-webkit-details-marker]:hidden",
          look === "bar" ? "flex min-h-11 px-3" : "inline-flex min-h-8 text-sm text-accent",
        )}
      >
        <Icon
          name="chevron"
          className="size-3.5 transition-transform group-open/disclosure:rotate-90"
        />
        {summary}
      </summary>
      {children}
    </details>
  );
}

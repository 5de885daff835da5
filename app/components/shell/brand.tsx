import { Link } from "react-router";
import { cx } from "../ui/cx.ts";

export function Brand() {
  return (
    <Link
      to="/"
      className="flex min-h-11 min-w-11 items-center gap-2 text-lg font-semibold lg:px-2"
      aria-label="CepatEdge, overview"
    >
      <BrandMark className="size-6" />
      <span className="max-sm:sr-only">CepatEdge</span>
    </Link>
  );
}

export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={cx("shrink-0 text-accent", className)}>
      <path
        d="M12 2 21 7v10l-9 5-9-5V7l9-5Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      <path d="M13 6.5 8 13h3.5L11 17.5 16 11h-3.5l.5-4.5Z" fill="currentColor" />
    </svg>
  );
}

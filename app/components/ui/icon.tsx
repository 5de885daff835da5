import { cx } from "./cx.ts";

/** 16 × 16 outlines, drawn with the text's colour. Each is one path. */
const PATHS = {
  activity: "M1.5 8.5h3l2-5.5 3 10 2-4.5h3",
  alert: "M8 2 1.5 13.5h13L8 2Zm0 4.5v3m0 2v.01",
  arrowDown: "M8 3v10m-4-4 4 4 4-4",
  arrowRight: "M3 8h10m-4-4 4 4-4 4",
  book: "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12V2.5Zm0 9.5a1.5 1.5 0 0 1 1.5-1.5H13",
  breaker: "M1.5 11h3m7 0h3M4.5 11l6-6m1 6v.01M4.5 11v.01",
  check: "m3 8.5 3.5 3.5L13 4.5",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  clock: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm0 3V8l2.5 1.5",
  copy: "M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8v-8Z",
  cross: "m3.5 3.5 9 9m0-9-9 9",
  database:
    "M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2Zm0 0v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4m-11 4c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
  gauge: "M2 12.5a6.5 6.5 0 1 1 12 0M8 10l3-4.5",
  info: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 7.5V11m0-6v.01",
  list: "M5.5 4h9m-9 4h9m-9 4h9M2 4v.01M2 8v.01M2 12v.01",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
  move: "M2 5h11m-3.5-3.5L13 5 9.5 8.5M14 11H3m3.5-3.5L3 11l3.5 3.5",
  pause: "M5 3v10m6-10v10",
  play: "M4.5 2.5v11l9-5.5-9-5.5Z",
  plus: "M8 3v10M3 8h10",
  search: "M7 2a5 5 0 1 0 0 10A5 5 0 0 0 7 2Zm3.5 8.5L14 14",
  shards: "M2 2.5h5v5H2v-5Zm7 0h5v5H9v-5Zm-7 7h5v4H2v-4Zm7 0h5v4H9v-4Z",
  signOut: "M6 2.5H2.5v11H6m4-8.5 3 3-3 3m3-3H6",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6Zm0-4v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1",
  user: "M8 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.5 5.5c.6-2.3 2.8-3.5 5.5-3.5s4.9 1.2 5.5 3.5",
  wait: "M3.5 8v.01M8 8v.01M12.5 8v.01",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside a word: hidden from assistive technology, which reads the word. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
      className={cx("size-4 shrink-0", className)}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

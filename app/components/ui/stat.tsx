import type { ReactNode } from "react";
import { cx } from "./cx.ts";
import type { Tone } from "./status.tsx";

interface StatProps {
  label: ReactNode;
  value: ReactNode;
  note?: ReactNode;
  tone?: Tone;
  children?: ReactNode;
}

const VALUE: Record<Tone, string> = {
  neutral: "text-text",
  accent: "text-accent",
  ok: "text-ok",
  warn: "text-warn",
  danger: "text-danger",
};

/** One figure with its name; a group of them stands in `<StatGroup>`. */
export function Stat({ label, value, note, tone = "neutral", children }: StatProps) {
  return (
    <div className="flex min-w-0 flex-col rounded-md border border-line bg-raised px-3 py-2.5">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className={cx("text-xl font-semibold", VALUE[tone])}>{value}</dd>
      {note && <dd className="text-sm text-muted">{note}</dd>}
      {children && <dd className="mt-1">{children}</dd>}
    </div>
  );
}

const COLUMNS = {
  1: "grid-cols-1",
  4: "grid-cols-2 sm:grid-cols-4",
  6: "grid-cols-2 sm:grid-cols-3 xl:grid-cols-6",
};

interface StatGroupProps {
  /** Beside each other on a wide screen. */
  columns?: keyof typeof COLUMNS;
  children: ReactNode;
}

export function StatGroup({ columns = 6, children }: StatGroupProps) {
  return <dl className={cx("grid gap-3", COLUMNS[columns])}>{children}</dl>;
}

/** Name and value in two columns, for one thing's properties; below each other at 320 px. */
export function Facts({ items }: { items: [name: ReactNode, value: ReactNode][] }) {
  return (
    <dl className="grid gap-x-4 gap-y-1.5 min-[24rem]:grid-cols-[minmax(6rem,auto)_1fr]">
      {items.map(([name, value], index) => (
        <div
          key={index}
          className="grid items-baseline min-[24rem]:col-span-2 min-[24rem]:grid-cols-subgrid"
        >
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface MeterProps {
  /** 0…max */
  value: number;
  max: number;
  label: string;
  /** The figure in words: "12.3 MiB of 64 MiB". */
  text: string;
  tone?: Exclude<Tone, "neutral">;
}

const NEARLY_FULL = 0.9;

/** Of something that is in trouble when it is full: shortly before, the bar warns. */
export function FillMeter(props: Omit<MeterProps, "tone">) {
  return <Meter {...props} tone={props.value >= NEARLY_FULL * props.max ? "warn" : "accent"} />;
}

const BAR: Record<Exclude<Tone, "neutral">, string> = {
  accent: "bg-accent",
  ok: "bg-ok",
  warn: "bg-warn",
  danger: "bg-danger",
};

/** How full something is. The words say what the bar shows. */
export function Meter({ value, max, label, text, tone = "accent" }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div title={text} className="w-full min-w-16">
      <span className="sr-only">
        {label}: {text}
      </span>
      <div className="h-1.5 overflow-hidden rounded-sm bg-sunken forced-colors:border">
        <div data-swatch className={cx("h-full", BAR[tone])} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

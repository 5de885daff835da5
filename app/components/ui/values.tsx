import type { ReactNode } from "react";
import { usePreferences } from "../../preferences.ts";
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatDuration,
  formatRate,
  formatShare,
  timeParts,
} from "./format.ts";

/** `precision`: `date` 2026-11-23 · `minute` 02:43 · `second` 02:43:08 · `milli` 02:43:08.123 */
interface TimeProps {
  ms: number;
  precision?: "date" | "minute" | "second" | "milli";
  /** Leave out the date where all rows share it, or the zone where the heading tells it. */
  omit?: "date" | "zone" | "date-and-zone";
}

/** An instant in the operator's zone; the machine-readable half is always UTC. */
export function Time({ ms, precision = "second", omit }: TimeProps) {
  const { timeZone } = usePreferences();
  const iso = new Date(ms).toISOString();
  const { date, time, zone } = timeParts(ms, timeZone, precision === "milli");
  const shown = [
    precision === "date" || !omit?.startsWith("date") ? date : "",
    precision === "date" ? "" : precision === "minute" ? time.slice(0, 5) : time,
    precision === "date" || omit?.endsWith("zone") ? "" : zone,
  ];
  return (
    <time dateTime={iso} title={iso} className="whitespace-nowrap">
      {shown.filter(Boolean).join(" ")}
    </time>
  );
}

export function Count({ value, short = false }: { value: number; short?: boolean }) {
  if (!short) return <Nowrap>{formatCount(value)}</Nowrap>;
  return <Nowrap title={formatCount(value)}>{formatCountShort(value)}</Nowrap>;
}

export function Bytes({ value }: { value: number }) {
  return <Nowrap title={`${formatCount(value)} bytes`}>{formatBytes(value)}</Nowrap>;
}

export function Duration({ ms }: { ms: number }) {
  return <Nowrap>{formatDuration(ms)}</Nowrap>;
}

export function Rate({ perSecond }: { perSecond: number }) {
  return <Nowrap>{formatRate(perSecond)}</Nowrap>;
}

export function Share({ part, whole }: { part: number; whole: number }) {
  return (
    <Nowrap title={`${formatCount(part)} of ${formatCount(whole)}`}>
      {formatShare(part, whole)}
    </Nowrap>
  );
}

function Nowrap({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <span title={title} className="whitespace-nowrap">
      {children}
    </span>
  );
}

export function Code({ children }: { children: ReactNode }) {
  return <code className="font-mono text-sm wrap-break-word">{children}</code>;
}

/** Read by assistive technology, not drawn. */
export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="sr-only">{children}</span>;
}

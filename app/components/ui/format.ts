/** Numbers as people read them. Every figure carries its unit. Pure, so tested in plain Node. */

import { formatCount, formatTenths } from "../../../words/counts.ts";

export { formatBytes } from "../../../words/bytes.ts";
export { counted, formatCount } from "../../../words/counts.ts";

/** 12,345 → `12.3k`; for where the exact figure stands nearby. */
export function formatCountShort(value: number): string {
  if (Math.abs(value) < 10_000) return formatCount(value);
  const units = ["k", "M", "G", "T"];
  let scaled = value;
  let unit = "";
  for (const next of units) {
    if (Math.abs(scaled) < 999.5) break;
    scaled /= 1_000;
    unit = next;
  }
  return `${formatTenths(scaled)}${unit}`;
}

/** The two largest units: `2 h 5 min`, `45 s`, `800 ms`; what is shorter is `< 1 ms`, not none. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1) return "< 1 ms";
  if (Math.round(ms) < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  let rest = Math.round(ms / 1_000);
  const parts: string[] = [];
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ];
  for (const [unit, seconds] of units) {
    const amount = Math.floor(rest / seconds);
    rest -= amount * seconds;
    if (amount > 0) parts.push(`${amount} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

const PERCENT_LEAST = 0.1;
const PERCENT_MOST = 99.9;

/**
 * A part of a whole as per cent; a dash where there is nothing to divide by. What is little is not
 * none, and what is nearly all is not all: `< 0.1%`, `> 99.9%`.
 */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < PERCENT_LEAST) return `< ${PERCENT_LEAST}%`;
  if (percent > PERCENT_MOST && percent < 100) return `> ${PERCENT_MOST}%`;
  return `${formatTenths(percent)}%`;
}

const RATE_LEAST = 0.1;

/**
 * `3.2/s`, and with a unit `3.2 entries/s`. Always with one decimal, so that rates below each other
 * line up; what is little is not none: `< 0.1/s`.
 */
export function formatRate(perSecond: number, unit?: string): string {
  const figure = rateFigure(perSecond);
  return unit === undefined ? `${figure}/s` : `${figure} ${unit}/s`;
}

function rateFigure(perSecond: number): string {
  if (perSecond > 0 && perSecond < RATE_LEAST) return `< ${RATE_LEAST}`;
  return perSecond < 10_000 ? formatTenths(perSecond) : formatCountShort(perSecond);
}

const DOLLARS = new Intl.NumberFormat("en-GB", {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});

/** What little costs is not free: `< $0.01`. */
export function formatDollars(dollars: number): string {
  if (dollars > 0 && dollars < 0.01) return "< $0.01";
  return `$${DOLLARS.format(dollars)}`;
}

export interface TimeParts {
  date: string;
  time: string;
  zone: string;
}

/**
 * An instant in a zone, put together from parts so that server and browser agree to the letter
 * whatever their locale data says: `2026-11-23`, `02:43:08`, `UTC` or `UTC+7`.
 */
export function timeParts(ms: number, timeZone: string, millis = false): TimeParts {
  const parts = new Map(
    formatIn(timeZone)
      .formatToParts(ms)
      .map((part) => [part.type, part.value] as const),
  );
  const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  const fraction = millis ? `.${String(((ms % 1_000) + 1_000) % 1_000).padStart(3, "0")}` : "";
  return {
    date: `${get("year")}-${get("month")}-${get("day")}`,
    time: `${get("hour")}:${get("minute")}:${get("second")}${fraction}`,
    zone: zoneName(get("timeZoneName")),
  };
}

let lastFormat = formatOf("UTC");

/** The last zone's is kept: a page has one zone and hundreds of times, and making one takes longest. */
function formatIn(timeZone: string): Intl.DateTimeFormat {
  if (lastFormat.zone !== timeZone) lastFormat = formatOf(timeZone);
  return lastFormat.format;
}

function formatOf(timeZone: string): { zone: string; format: Intl.DateTimeFormat } {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "longOffset",
  });
  return { zone: timeZone, format };
}

/** `GMT` → `UTC`, `GMT+07:00` → `UTC+7`, `GMT-03:30` → `UTC-3:30`. */
function zoneName(longOffset: string): string {
  const match = /^GMT([+-])0?(\d+):(\d\d)$/.exec(longOffset);
  const [, sign = "+", hours = "0", minutes = "00"] = match ?? [];
  // Some engines write GMT, some GMT+00:00.
  if (hours === "0" && minutes === "00") return "UTC";
  return `UTC${sign}${hours}${minutes === "00" ? "" : `:${minutes}`}`;
}

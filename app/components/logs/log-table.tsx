import { Link } from "react-router";
import type { LogOutcome, UsageLog } from "../../../workers/contracts.ts";
import { usePreferences } from "../../preferences.ts";
import { cx } from "../ui/cx.ts";
import { timeParts } from "../ui/format.ts";
import type { IconName } from "../ui/icon.tsx";
import { Badge, type Tone } from "../ui/status.tsx";
import { Bytes, Count } from "../ui/values.tsx";

const OUTCOME_LOOK: Record<LogOutcome, { tone: Tone; icon: IconName }> = {
  hit: { tone: "ok", icon: "check" },
  miss: { tone: "neutral", icon: "search" },
  stale: { tone: "warn", icon: "clock" },
  stored: { tone: "accent", icon: "arrowDown" },
  deleted: { tone: "neutral", icon: "cross" },
  rejected: { tone: "danger", icon: "alert" },
};

interface LogTableProps {
  caption: string;
  logs: readonly UsageLog[];
  /** The key of the row that a link points at. */
  marked?: string;
}

const HEAD = "border-b border-line px-2 py-1.5 text-xs font-medium whitespace-nowrap text-muted";
const CELL = "px-2 py-0.5 align-middle max-sm:p-0";
const END = "text-end whitespace-nowrap";

function headsIn(zone: string): { name: string; look: string }[] {
  return [
    { name: `Time (${zone})`, look: "w-52 text-start" },
    { name: "Shard", look: "w-28 text-start" },
    { name: "Type", look: "w-28 text-start" },
    { name: "Operation", look: "w-20 text-start" },
    { name: "Outcome", look: "w-24 text-start" },
    { name: "Key", look: "text-start" },
    { name: "Slot", look: `${END} w-16` },
    { name: "Epoch", look: `${END} w-16` },
    { name: "Size", look: `${END} w-20` },
  ];
}

/** `2026-` */
const YEAR_LENGTH = 5;

/** A line a row, and two on a phone. The time links to the row itself, with its neighbours. */
export function LogTable({ caption, logs, marked }: LogTableProps) {
  const { timeZone } = usePreferences();
  const { zone, date: lastDay } = timeParts(logs[0]?.atMs ?? 0, timeZone);
  const { date: firstDay } = timeParts(logs.at(-1)?.atMs ?? 0, timeZone);
  // A phone has room for the day where it says something.
  const showsDay = firstDay !== lastDay;
  return (
    <div className="sm:overflow-x-auto">
      <table className="w-full table-fixed text-start text-sm max-sm:block">
        <caption className="sr-only">{caption}</caption>
        <thead className="max-sm:sr-only">
          <tr>
            {headsIn(zone).map(({ name, look }) => (
              <th key={name} scope="col" className={cx(HEAD, look)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line max-sm:block">
          {logs.map((log) => (
            <LogRow
              key={log.key}
              log={log}
              isMarked={log.key === marked}
              {...{ timeZone, showsDay }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LogRowProps {
  log: UsageLog;
  timeZone: string;
  showsDay: boolean;
  isMarked: boolean;
}

function LogRow({ log, timeZone, showsDay, isMarked }: LogRowProps) {
  return (
    <tr
      id={isMarked ? "row" : undefined}
      aria-current={isMarked ? "true" : undefined}
      className={cx(
        "max-sm:grid max-sm:grid-cols-[auto_auto_1fr_auto] max-sm:items-baseline",
        "max-sm:gap-x-2 max-sm:px-3 max-sm:py-1.5",
        isMarked
          ? "bg-accent-soft outline-2 -outline-offset-2 outline-accent"
          : "hover:bg-sunken/60",
      )}
    >
      <td className={CELL}>
        <TimeLink {...{ log, timeZone, showsDay }} />
      </td>
      <td className={cx(CELL, "truncate max-sm:order-6 max-sm:max-w-28 max-sm:text-end")}>
        {log.shard}
      </td>
      <td className={cx(CELL, "truncate max-sm:order-3 max-sm:text-end")}>{log.type}</td>
      <td className={cx(CELL, "max-sm:order-1")}>{log.operation}</td>
      <td className={cx(CELL, "max-sm:order-4 max-sm:justify-self-end")}>
        <OutcomeBadge outcome={log.outcome} />
      </td>
      <td
        title={log.entryKey}
        className={cx(CELL, "truncate font-mono max-sm:order-5 max-sm:col-span-3")}
      >
        {log.entryKey}
      </td>
      <td className={cx(CELL, END, "max-sm:hidden")}>
        <Count value={log.slot} />
      </td>
      <td className={cx(CELL, END, "max-sm:hidden")}>
        <Count value={log.epoch} />
      </td>
      <td className={cx(CELL, END, "max-sm:hidden")}>
        <Bytes value={log.bytes} />
      </td>
    </tr>
  );
}

export function OutcomeBadge({ outcome }: { outcome: LogOutcome }) {
  const { tone, icon } = OUTCOME_LOOK[outcome];
  return (
    <span className="flex">
      <Badge tone={tone} icon={icon}>
        {outcome}
      </Badge>
    </span>
  );
}

function TimeLink({ log, timeZone, showsDay }: Omit<LogRowProps, "isMarked">) {
  const { date, time } = timeParts(log.atMs, timeZone, true);
  return (
    <Link
      to={`/logs?at=${log.key}`}
      title="This row with its neighbours"
      className="inline-flex min-h-6 items-center font-mono whitespace-nowrap text-accent hover:underline"
    >
      <time dateTime={new Date(log.atMs).toISOString()}>
        <span className="max-sm:hidden">{date.slice(0, YEAR_LENGTH)}</span>
        <span className={showsDay ? undefined : "max-sm:hidden"}>{date.slice(YEAR_LENGTH)} </span>
        {time}
      </time>
    </Link>
  );
}

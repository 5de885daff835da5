import type { AuditLine, AuditTrail } from "../../audit.server.ts";
import { LinkButton } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { Pagination } from "../ui/links.tsx";
import { Badge, Empty, Notice, type Tone } from "../ui/status.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Code, Time } from "../ui/values.tsx";

interface AuditTableProps {
  trail: AuditTrail;
  older: string | null;
  /** Null: this is the newest page. */
  newest: string | null;
  filtered: boolean;
}

export function AuditTable({ trail, older, newest, filtered }: AuditTableProps) {
  return (
    <>
      <TrailNotices trail={trail} />
      <Table
        caption="Audit events, newest first"
        columns={COLUMNS}
        rows={trail.lines}
        rowKey={({ id }) => id}
        rowId={({ id }) => `event-${id}`}
        rowClassName={() => "group/line"}
        empty={<NoEvents filtered={filtered} partial={trail.databaseProblem !== null} />}
      />
      {(newest !== null || older !== null || trail.lines.length > 0) && (
        <Pagination
          label="Pages of the audit trail"
          newest={newest ?? undefined}
          older={older ?? undefined}
          note={older === null ? endNote(trail) : undefined}
        />
      )}
    </>
  );
}

function TrailNotices({ trail }: { trail: AuditTrail }) {
  const { databaseProblem, registryProblem, moreWaiting } = trail;
  if (databaseProblem === null && registryProblem === null && !moreWaiting) return null;
  return (
    <div className="flex flex-col gap-2 px-3 pb-3">
      {databaseProblem !== null && (
        <Notice tone="warn" title="The database does not answer.">
          Only events that have not been shipped to it yet are shown; older ones come back with it,
          and none is lost. {databaseProblem}
        </Notice>
      )}
      {registryProblem !== null && (
        <Notice tone="warn" title="The registry does not answer.">
          The newest events, not yet in the database, are missing. {registryProblem}
        </Notice>
      )}
      {moreWaiting && (
        <Notice tone="warn" title="Many events wait for the database.">
          Only the oldest of those that wait are shown among the others.
        </Notice>
      )}
    </div>
  );
}

function NoEvents({ filtered, partial }: { filtered: boolean; partial: boolean }) {
  if (partial) {
    return (
      <Empty icon="database" title="No event waits for the database">
        What was done before is there, and cannot be read now.
      </Empty>
    );
  }
  if (!filtered) {
    return (
      <Empty icon="book" title="Nothing has been done yet">
        Every sign-in, registration and breaker order leaves a line here, also a refused one.
      </Empty>
    );
  }
  return (
    <Empty
      icon="search"
      title="No event matches"
      action={<LinkButton to="/audit">Show all</LinkButton>}
    >
      Names and subjects are compared whole; an action that ends with a dot matches all that begin
      so.
    </Empty>
  );
}

const OUTCOME_TONE: Record<AuditLine["outcome"], Tone> = {
  done: "ok",
  refused: "warn",
  failed: "warn",
};

/** Long addresses and names break before they take the room of the reason beside them. */
const NAME_COLUMN = "wrap-anywhere! sm:min-w-36";

const COLUMNS: Column<AuditLine>[] = [
  {
    key: "when",
    header: "When",
    className: "sm:w-52",
    cell: ({ atMs, waiting }) => (
      <>
        <Time ms={atMs} />
        {waiting && <span className="block text-xs text-muted">not in the database yet</span>}
      </>
    ),
  },
  {
    key: "who",
    header: "Who",
    className: NAME_COLUMN,
    cell: ({ actor }) => (
      <>
        <Breakable name={actor.name} /> <span className="text-sm text-muted">{actor.role}</span>
      </>
    ),
  },
  { key: "action", header: "Action", rowHeader: true, cell: ({ action }) => <Code>{action}</Code> },
  {
    key: "subject",
    header: "Subject",
    className: NAME_COLUMN,
    cell: (line) => (
      <span className={hasMore(line) ? CLAMP : undefined}>
        <Breakable name={line.subject} />
      </span>
    ),
  },
  {
    key: "outcome",
    header: "Outcome",
    cell: ({ outcome }) => <Badge tone={OUTCOME_TONE[outcome]}>{outcome}</Badge>,
  },
  {
    key: "why",
    header: "Why and what changed",
    wide: true,
    className: "wrap-anywhere! sm:w-2/5 sm:min-w-64",
    cell: (line) => <Why line={line} />,
  },
];

/** An address breaks before its host, where it has to break. */
function Breakable({ name }: { name: string }) {
  const at = name.indexOf("@");
  if (at < 0) return name;
  return (
    <>
      {name.slice(0, at)}
      <wbr />
      {name.slice(at)}
    </>
  );
}

/** Characters of a reason that a row has room for; of a longer one it shows the beginning. */
const REASON_SHOWN = 160;

/** Three lines; the rest comes with what the line's `<details>` opens, also without script. */
const CLAMP = "line-clamp-3 group-has-[details[open]]/line:line-clamp-none";

function hasMore({ reason, before, after }: AuditLine): boolean {
  return reason.length > REASON_SHOWN || before !== null || after !== null;
}

function Why({ line }: { line: AuditLine }) {
  const { reason, before, after } = line;
  const isLong = reason.length > REASON_SHOWN;
  return (
    <>
      {reason !== "" && (
        <p dir="auto" className={isLong ? CLAMP : undefined}>
          {reason}
        </p>
      )}
      {hasMore(line) && (
        <Disclosure summary={moreOf(isLong, before, after)}>
          <div className="grid gap-2 md:grid-cols-2">
            {before !== null && <Json title="Before" text={before} />}
            {after !== null && <Json title={before === null ? "Details" : "After"} text={after} />}
          </div>
        </Disclosure>
      )}
    </>
  );
}

function moreOf(isLong: boolean, before: string | null, after: string | null): string {
  const change = before === null ? "Details" : "Before and after";
  if (!isLong) return change;
  const hasChange = before !== null || after !== null;
  return hasChange ? `Whole reason, ${change.toLowerCase()}` : "Whole reason";
}

function Json({ title, text }: { title: string; text: string }) {
  return (
    <div className="min-w-0">
      <p className="text-xs text-muted">{title}</p>
      <pre className="rounded-sm bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">{text}</pre>
    </div>
  );
}

function endNote({ databaseProblem }: AuditTrail): string {
  return databaseProblem === null
    ? "This is the beginning of the trail."
    : "The database may hold older events.";
}

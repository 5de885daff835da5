import { Form } from "react-router";
import type { AuditFilters, FilterErrors } from "../../audit-query.server.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { Field, Select } from "../ui/field.tsx";

const OUTCOMES = ["done", "refused", "failed"];

/** Suggestions, not a list to choose from: later versions bring actions of their own. */
const ACTIONS = [
  "shard.register",
  "shard.deregister",
  "shard.",
  "breaker.",
  "token.",
  "operation.",
  "permission.",
  "sign-in",
  "sign-out",
];

interface FilterFormProps {
  filters: AuditFilters;
  errors: FilterErrors;
}

/** A GET form: what it finds has an address that can be sent to somebody. */
export function AuditFilterForm({ filters, errors }: FilterFormProps) {
  const filtered = Object.values(filters).some((value) => value !== "");
  return (
    <Disclosure
      // The URL fills the fields: another URL fills them anew.
      key={JSON.stringify(filters)}
      look="bar"
      open={filtered}
      className="rounded-md border border-line bg-raised"
      summary={
        <span>
          Filter{filtered && <span className="font-normal text-muted">: {describe(filters)}</span>}
        </span>
      }
    >
      <Form
        method="get"
        action="/audit"
        className={"grid grid-cols-1 gap-3 border-t border-line p-3 sm:grid-cols-2 lg:grid-cols-3"}
      >
        <Field
          label="Action"
          name="action"
          list="audit-actions"
          placeholder="shard.register"
          defaultValue={filters.action}
          error={errors.action}
          hint="A dot at the end: all that begin so."
        />
        <datalist id="audit-actions">
          {ACTIONS.map((action) => (
            <option key={action}>{action}</option>
          ))}
        </datalist>
        <Field
          label="Who"
          name="actor"
          placeholder="name@example.com"
          autoCapitalize="none"
          defaultValue={filters.actor}
          error={errors.actor}
        />
        <Field
          label="Subject"
          name="subject"
          placeholder="a shard’s name"
          autoCapitalize="none"
          defaultValue={filters.subject}
          error={errors.subject}
        />
        <Select
          label="Outcome"
          name="outcome"
          defaultValue={OUTCOMES.includes(filters.outcome) ? filters.outcome : ""}
          error={errors.outcome}
        >
          <option value="">any</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome}>{outcome}</option>
          ))}
        </Select>
        <Field
          label="From (UTC)"
          name="from"
          type="datetime-local"
          defaultValue={errors.from === undefined ? filters.from : ""}
          error={errors.from}
        />
        <Field
          label="Until (UTC)"
          name="to"
          type="datetime-local"
          defaultValue={errors.to === undefined ? filters.to : ""}
          error={errors.to}
        />
        <div className="col-span-full flex gap-2">
          <Button tone="accent" icon="search">
            Show
          </Button>
          {filtered && (
            <LinkButton to="/audit" tone="quiet">
              Clear
            </LinkButton>
          )}
        </div>
      </Form>
    </Disclosure>
  );
}

function describe(filters: AuditFilters): string {
  return Object.entries(filters)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

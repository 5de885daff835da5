import type { AuditFilters, FilterErrors } from "../../audit-query.server.ts";
import { Field, Select } from "../ui/field.tsx";
import { FilterForm, PeriodFields } from "../filters/filter-form.tsx";

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

export function AuditFilterForm({ filters, errors }: FilterFormProps) {
  const told = describe(filters);
  return (
    <FilterForm
      key={JSON.stringify(filters)}
      action="/audit"
      told={told}
      open={told !== ""}
      mayClear={told !== ""}
      className="lg:grid-cols-3"
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
      <PeriodFields {...{ filters, errors }} />
    </FilterForm>
  );
}

function describe(filters: AuditFilters): string {
  return Object.entries(filters)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

import { RANGE_NAMES, TRAFFIC_RANGES } from "../../traffic-ranges.ts";
import { Field, Select, VERBATIM } from "../ui/field.tsx";
import { FilterForm, PeriodFields } from "../filters/filter-form.tsx";
import { Tabs } from "../ui/links.tsx";
import {
  DEFAULT_LOG_RANGE,
  type FilterErrors,
  type LogFilters,
  logsHref,
  narrows,
  OPERATIONS,
  OUTCOMES,
  PAGE_ROWS,
} from "./filters.ts";
import { ShardChoice } from "./shard-choice.tsx";

interface FilterFormProps {
  filters: LogFilters;
  errors: FilterErrors;
  /** Null: the registry could not say. */
  names: string[] | null;
}

/** The time as links, everything else as fields. */
export function LogFilterForm({ filters, errors, names }: FilterFormProps) {
  const isBad = Object.keys(errors).length > 0;
  const told = described(filters);
  const isCustom = filters.from !== "" || filters.to !== "";
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Tabs
          label="Time range"
          current={isCustom ? "" : filters.range || DEFAULT_LOG_RANGE}
          tabs={RANGE_NAMES.map((range) => ({
            key: range,
            name: range,
            title: `The last ${TRAFFIC_RANGES[range].name}`,
            to: logsHref({ ...filters, range, from: "", to: "" }),
          }))}
        />
        {isCustom && !isBad && <CustomRange filters={filters} />}
      </div>
      <FilterForm
        key={JSON.stringify(filters)}
        action="/logs"
        told={told}
        open={isBad}
        mayClear={narrows(filters) || isCustom || isBad}
        className="lg:grid-cols-4"
      >
        <Fields filters={filters} errors={errors} />
        <ShardChoice chosen={filters.shard} names={names} error={errors.shard} />
      </FilterForm>
    </div>
  );
}

function CustomRange({ filters }: { filters: LogFilters }) {
  const { from, to, range } = filters;
  return (
    <p className="text-sm">
      {from === "" ? `${range} before` : <span className="whitespace-nowrap">{from}</span>}
      {from !== "" && " – "}
      {to === "" ? "now" : <span className="whitespace-nowrap"> {to}</span>} UTC
    </p>
  );
}

function Fields({ filters, errors }: Omit<FilterFormProps, "names">) {
  return (
    <>
      <Field
        label="Type"
        name="type"
        placeholder="session"
        {...VERBATIM}
        defaultValue={filters.type}
        error={errors.type}
      />
      <Choice label="Operation" name="operation" options={OPERATIONS} {...{ filters, errors }} />
      <Choice label="Outcome" name="outcome" options={OUTCOMES} {...{ filters, errors }} />
      <Field
        label="Key begins with"
        name="prefix"
        {...VERBATIM}
        defaultValue={filters.prefix}
        error={errors.prefix}
      />
      <PeriodFields {...{ filters, errors }} step={1} />
      <Select
        label="Or the last"
        name="range"
        defaultValue={errors.range === undefined ? filters.range : DEFAULT_LOG_RANGE}
        error={errors.range}
        hint="Counts where From is empty."
      >
        {RANGE_NAMES.map((range) => (
          <option key={range} value={range}>
            {TRAFFIC_RANGES[range].name}
          </option>
        ))}
      </Select>
      <Select
        label="Rows on a page"
        name="rows"
        defaultValue={errors.rows === undefined ? filters.rows : undefined}
        error={errors.rows}
      >
        {PAGE_ROWS.map((rows) => (
          <option key={rows}>{rows}</option>
        ))}
      </Select>
    </>
  );
}

interface ChoiceProps {
  label: string;
  name: "operation" | "outcome";
  options: readonly string[];
  filters: LogFilters;
  errors: FilterErrors;
}

function Choice({ label, name, options, filters, errors }: ChoiceProps) {
  return (
    <Select
      label={label}
      name={name}
      defaultValue={options.includes(filters[name]) ? filters[name] : ""}
      error={errors[name]}
    >
      <option value="">any</option>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </Select>
  );
}

function described({ shard, type, operation, outcome, prefix }: LogFilters): string {
  const parts = [
    shard.length > 3 ? `${shard.length} shards` : shard.join(", "),
    type && `type ${type}`,
    operation,
    outcome,
    prefix && `key ${prefix}…`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

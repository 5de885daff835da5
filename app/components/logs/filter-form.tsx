import { Form } from "react-router";
import { RANGE_NAMES, TRAFFIC_RANGES } from "../../traffic-ranges.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { Field, Select, VERBATIM } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
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

interface FilterFormProps {
  filters: LogFilters;
  errors: FilterErrors;
  /** Null: the registry could not say. */
  names: string[] | null;
}

/** A GET form: what it finds has an address that can be sent to somebody. */
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
        {isCustom && <CustomRange filters={filters} />}
      </div>
      <Disclosure
        // The URL fills the fields: another URL fills them anew.
        key={JSON.stringify(filters)}
        look="bar"
        open={isBad}
        className="rounded-md border border-line bg-raised"
        summary={
          <span className="min-w-0">
            Filter{told !== "" && <span className="font-normal text-muted">: {told}</span>}
          </span>
        }
      >
        <Form
          method="get"
          action="/logs"
          className="grid grid-cols-1 gap-3 border-t border-line p-3 sm:grid-cols-2 lg:grid-cols-4"
        >
          <Fields filters={filters} errors={errors} />
          <ShardChoice chosen={filters.shard} names={names} error={errors.shard} />
          <div className="col-span-full flex flex-wrap gap-2">
            <Button tone="accent" icon="search">
              Show
            </Button>
            {(narrows(filters) || isCustom || isBad) && (
              <LinkButton to="/logs" tone="quiet">
                Clear
              </LinkButton>
            )}
          </div>
        </Form>
      </Disclosure>
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
      <Field
        label="From (UTC)"
        name="from"
        type="datetime-local"
        step={1}
        defaultValue={errors.from === undefined ? filters.from : ""}
        error={errors.from}
      />
      <Field
        label="Until (UTC)"
        name="to"
        type="datetime-local"
        step={1}
        defaultValue={errors.to === undefined ? filters.to : ""}
        error={errors.to}
      />
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

interface ShardChoiceProps {
  chosen: string[];
  names: string[] | null;
  error: string | undefined;
}

/** Any number of shards; none chosen means all of them. */
function ShardChoice({ chosen, names, error }: ShardChoiceProps) {
  // A name in the address that nobody has registered stays visible, so that it can be taken out.
  const listed = [...new Set([...(names ?? []), ...chosen])];
  if (listed.length === 0) return null;
  return (
    <fieldset className="col-span-full min-w-0">
      <legend className="text-sm font-medium">Shards; none chosen: all</legend>
      {error && (
        <p className="flex gap-1.5 text-sm text-danger">
          <Icon name="alert" className="mt-0.5" />
          {error}
        </p>
      )}
      <div
        className={
          "mt-1 grid max-h-48 grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] overflow-y-auto" +
          " rounded-md border border-line px-3"
        }
      >
        {listed.map((name) => (
          <label key={name} className="flex min-h-11 items-center gap-2 text-sm">
            <input
              type="checkbox"
              name="shard"
              value={name}
              defaultChecked={chosen.includes(name)}
              className="size-5 shrink-0"
            />
            <span className="min-w-0">{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
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

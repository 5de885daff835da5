import type { RegisterFailure, RegisterPage } from "../../routes/shards-register.server.ts";
import { PlanForm } from "../plans/plan-form.tsx";
import { Field, Select, TextArea, VERBATIM } from "../ui/field.tsx";
import { counted, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { LOCATIONS } from "./words.ts";

interface RegisterFormProps {
  page: RegisterPage;
  failure: RegisterFailure | undefined;
}

/** Which shards: a series or names one by one. Works without script; what is not chosen hides. */
export function RegisterForm({ page, failure }: RegisterFormProps) {
  const fields = failure?.fields ?? page.fields;
  const errors = failure?.errors ?? {};
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <PlanForm action="/shards/register" back="/shards" failure={failure?.plan} button="Preview">
        <Panel title="Names" className="group/names">
          <Naming fields={fields} errors={errors} />
        </Panel>
        <Panel
          title="Each of them"
          note={
            page.shards === 0
              ? "These are the first: they own all 16,384 slots between them."
              : `They join ${counted(page.shards, "shard")} at epoch ${formatCount(page.epoch)}.`
          }
        >
          <Properties fields={fields} errors={errors} />
        </Panel>
      </PlanForm>
    </div>
  );
}

type Part = Pick<RegisterFailure, "errors" | "fields">;

function Naming({ fields, errors }: Part) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="sr-only">How the shards are named</legend>
      <div className="flex flex-wrap gap-x-6">
        <Choice value="series" label="A series" chosen={fields.naming} />
        <Choice value="list" label="One by one" chosen={fields.naming} />
      </div>
      <div className="grid gap-3 group-has-[[value=list]:checked]/names:hidden sm:grid-cols-2">
        <Field
          label="Prefix"
          name="prefix"
          {...VERBATIM}
          defaultValue={fields.prefix}
          error={errors.prefix}
          hint="A number follows, from the first one that is free: shard-01, shard-02."
        />
        <Field
          label="How many"
          name="count"
          type="number"
          inputMode="numeric"
          min={1}
          max={16}
          defaultValue={fields.count}
          error={errors.count}
          hint="At most 16 at a time."
        />
      </div>
      <div className="group-has-[[value=series]:checked]/names:hidden">
        <TextArea
          label="Names"
          name="names"
          {...VERBATIM}
          defaultValue={fields.names}
          error={errors.names}
          hint="Apart by spaces, commas or lines; a–z first, then a–z, 0–9 and -. A name stays for good."
        />
      </div>
    </fieldset>
  );
}

function Choice({ value, label, chosen }: { value: string; label: string; chosen: string }) {
  return (
    <label className="flex min-h-11 items-center gap-2">
      <input
        type="radio"
        name="naming"
        value={value}
        defaultChecked={value === chosen}
        className="size-5"
      />
      {label}
    </label>
  );
}

function Properties({ fields, errors }: Part) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field
        label="Weight"
        name="weight"
        type="number"
        inputMode="numeric"
        min={1}
        max={100}
        defaultValue={fields.weight}
        error={errors.weight}
        hint="Share of slots beside the others; twice the weight, twice the slots."
      />
      <Field
        label="Capacity (MiB)"
        name="capacityMib"
        type="number"
        inputMode="numeric"
        min={2}
        max={8_192}
        defaultValue={fields.capacityMib}
        error={errors.capacityMib}
        hint="Of entries; beyond it the least used ones are evicted. From 2 to 8,192."
      />
      <Select
        label="Location"
        name="location"
        defaultValue={fields.location}
        error={errors.location}
        hint="A wish for where it is made. A shard never moves."
      >
        <option value="">automatic</option>
        {Object.entries(LOCATIONS).map(([hint, name]) => (
          <option key={hint} value={hint}>
            {name}
          </option>
        ))}
      </Select>
    </div>
  );
}

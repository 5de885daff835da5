import type { PlanFailure } from "../../plan.server.ts";
import { Checkbox } from "../ui/field.tsx";
import { Notice } from "../ui/status.tsx";
import { OVERRIDE_WORDS } from "./plan-words.ts";
import { RefusalNotice } from "./refusal-notice.tsx";

/** Why there is no plan; nothing was changed. */
export function PlanFailureNotice({ failure }: { failure: PlanFailure | null | undefined }) {
  if (failure?.refusal) return <RefusalNotice title="Nothing was planned." {...failure.refusal} />;
  if (!failure?.unknown) return null;
  return (
    <Notice tone="danger" title="The registry did not answer, so there is no plan." announce>
      {failure.unknown} Nothing was changed; try again.
    </Notice>
  );
}

/** What may be overridden, each by name; inside the form that makes the plan. */
export function OverrideFields({ overrides }: { overrides: PlanFailure["overrides"] | undefined }) {
  if (overrides === undefined || overrides.length === 0) return null;
  return (
    <fieldset className="rounded-md border border-warn/40 bg-warn-soft px-3 pt-1 pb-2">
      <legend className="sr-only">Override</legend>
      {overrides.map(({ name, chosen }) => (
        <Checkbox
          key={name}
          name={`override-${name}`}
          value="yes"
          defaultChecked={chosen}
          label={OVERRIDE_WORDS[name].label}
          hint={OVERRIDE_WORDS[name].meaning}
        />
      ))}
    </fieldset>
  );
}

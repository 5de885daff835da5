import { own } from "../../own.ts";
import type { RebalanceFailure, WeightLine } from "../../routes/operations-rebalance.server.ts";
import { SLOTS } from "../topology/slot-runs.ts";
import { LinkButton } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { counted, formatShare } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Empty } from "../ui/status.tsx";
import { PlanForm } from "./plan-form.tsx";

interface RebalanceFormProps {
  lines: readonly WeightLine[];
  failure: RebalanceFailure | undefined;
}

/** A weight for each shard; those that stay as they are keep their place. */
export function RebalanceForm({ lines, failure }: RebalanceFormProps) {
  if (lines.length === 0) {
    return (
      <Panel title="Weights">
        <Empty
          icon="shards"
          title="No active shard"
          action={<LinkButton to="/shards/register">Register shards</LinkButton>}
        >
          There is nothing to share out yet.
        </Empty>
      </Panel>
    );
  }
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <PlanForm
        action="/operations/rebalance"
        back="/shards"
        failure={failure?.plan}
        button="Preview"
      >
        <Panel
          title="Weights"
          note="From 1 to 100, beside each other: twice the weight, twice the slots."
        >
          <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
            {lines.map((line) => (
              <Weight key={line.shard} line={line} failure={failure} />
            ))}
          </div>
        </Panel>
      </PlanForm>
    </div>
  );
}

function Weight({
  line: { shard, slots, weight, suggested },
  failure,
}: {
  line: WeightLine;
  failure: RebalanceFailure | undefined;
}) {
  return (
    <Field
      label={<span className="wrap-anywhere">{shard}</span>}
      name={`weight-${shard}`}
      type="number"
      inputMode="numeric"
      min={1}
      max={100}
      required
      defaultValue={own(failure?.fields, shard) ?? suggested}
      error={own(failure?.errors, shard)}
      hint={`Now ${weight}: ${counted(slots, "slot")}, ${formatShare(slots, SLOTS)}.`}
    />
  );
}

import { Form, useNavigation } from "react-router";
import type { RebalanceFailure, WeightLine } from "../../routes/operations-rebalance.server.ts";
import { SLOTS } from "../topology/slot-runs.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { counted, formatShare } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Empty } from "../ui/status.tsx";
import { OverrideFields, PlanFailureNotice } from "./plan-failure.tsx";

interface RebalanceFormProps {
  lines: readonly WeightLine[];
  failure: RebalanceFailure | undefined;
}

/** A weight for each shard; those that stay as they are keep their place. */
export function RebalanceForm({ lines, failure }: RebalanceFormProps) {
  const pending = useNavigation().formMethod === "POST";
  if (lines.length === 0) {
    return (
      <Panel title="Weights">
        <Empty icon="shards" title="No active shard">
          There is nothing to share out. Register shards first.
        </Empty>
      </Panel>
    );
  }
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <PlanFailureNotice failure={failure?.plan} />
      <Form method="post" action="/operations/rebalance" noValidate className="flex flex-col gap-4">
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
        <OverrideFields overrides={failure?.plan?.overrides} />
        <div className="flex flex-wrap gap-2">
          <Button tone="accent" icon="arrowRight" pending={pending}>
            {pending ? "Planning…" : "Preview"}
          </Button>
          <LinkButton to="/shards" tone="quiet">
            Cancel
          </LinkButton>
        </div>
      </Form>
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
      defaultValue={failure?.fields[shard] ?? suggested}
      error={failure?.errors[shard]}
      hint={`Now ${weight}: ${counted(slots, "slot")}, ${formatShare(slots, SLOTS)}.`}
    />
  );
}

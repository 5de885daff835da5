import { Form, useNavigation } from "react-router";
import type { Plan } from "../../../workers/contracts.ts";
import type { RegisterFailure, RegisterPage } from "../../routes/shards-register.server.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { ReasonField } from "../ui/field.tsx";
import { counted, formatBytes, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { Count, Time } from "../ui/values.tsx";
import { ShareTable, TransferTable } from "./plan-tables.tsx";
import { RefusalNotice } from "./refusal-notice.tsx";
import { UndoNote } from "./undo-note.tsx";
import { LOCATIONS } from "./words.ts";

interface PlanPreviewProps {
  page: Extract<RegisterPage, { kind: "plan" }>;
  failure: RegisterFailure | undefined;
}

/** What would happen, what it would look like after, how to undo it; then a reason, then the button. */
export function PlanPreview({ page, failure }: PlanPreviewProps) {
  const { view, again } = page;
  const { plan, changed } = view;
  // A refusal comes alone: the plan's own page is not read anew with it.
  const stale = changed.length > 0 || (failure?.refusal?.changed ?? []).length > 0;
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <Answer failure={failure} again={again} />
      {stale && !failure?.refusal && (
        <RefusalNotice
          title="This plan cannot be started any more."
          message="Since it was made something has changed; make a new one."
          changed={changed}
        />
      )}
      <Panel title="What happens">
        <PlanFacts plan={plan} />
      </Panel>
      {plan.warnings.length > 0 && (
        <Notice tone="warn" title="Know before you confirm">
          <ul className="list-disc ps-5">
            {plan.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Panel title="Slots before and after" flush>
        <ShareTable shares={plan.shares} />
        <TransferTable transfers={plan.transfers} />
      </Panel>
      <Panel title="How to undo it">
        <UndoNote />
      </Panel>
      <Panel title={stale ? "Start again" : "Confirm"}>
        {stale ? <PlanAgain to={again} /> : <ConfirmForm page={page} failure={failure} />}
      </Panel>
    </div>
  );
}

function Answer({ failure, again }: { failure: RegisterFailure | undefined; again: string }) {
  if (failure?.refusal) {
    return <RefusalNotice title="Nothing was registered." {...failure.refusal} />;
  }
  if (!failure?.unknown) return null;
  return (
    <Notice
      tone="danger"
      title="The registry did not answer in time: it may or may not have begun."
      actions={
        <LinkButton to="." reloadDocument>
          See what became of it
        </LinkButton>
      }
      announce
    >
      {failure.unknown} If it has begun, this page leads on to its progress. A plan is never carried
      out twice. Otherwise <a href={again}>plan it again</a>.
    </Notice>
  );
}

function PlanFacts({ plan }: { plan: Plan }) {
  const { specs, transfers, epoch, expiresAtMs } = plan;
  const [first] = specs;
  const slots = transfers.reduce((sum, transfer) => sum + transfer.slots, 0);
  const sources = new Set(transfers.flatMap(({ source }) => (source === null ? [] : [source])));
  return (
    <Facts
      items={[
        [counted(specs.length, "new shard"), specs.map(({ name }) => name).join(", ")],
        [
          "Each",
          first === undefined
            ? "–"
            : `weight ${first.weight}, ${formatBytes(first.capacityBytes)}, ${
                first.locationHint === null ? "automatic" : LOCATIONS[first.locationHint]
              }`,
        ],
        [
          "Moves",
          sources.size === 0
            ? `${counted(slots, "slot")} that nobody owns yet; no entry moves`
            : `up to ${formatCount(slots)} empty slots, from ${counted(sources.size, "shard")}; no entry moves`,
        ],
        [
          "Takes",
          sources.size === 0
            ? "about a second"
            : "seconds: each source is asked once. The cache serves all the while",
        ],
        ["Epoch", <EpochChange key="epoch" from={epoch} />],
        [
          "Valid until",
          <span key="valid">
            <Time ms={expiresAtMs} />, while nothing else changes
          </span>,
        ],
      ]}
    />
  );
}

function EpochChange({ from }: { from: number }) {
  return (
    <>
      <Count value={from} /> → <Count value={from + 1} />
    </>
  );
}

function ConfirmForm({ page, failure }: PlanPreviewProps) {
  const pending = useNavigation().formMethod === "POST";
  const { plan } = page.view;
  return (
    <Form
      method="post"
      action={`/shards/register?plan=${plan.id}`}
      noValidate
      className="flex flex-col gap-3"
    >
      <input type="hidden" name="intent" value="start" />
      <input type="hidden" name="plan" value={plan.id} />
      <ReasonField defaultValue={failure?.reason} error={failure?.errors.reason} />
      <div className="flex flex-wrap gap-2">
        <Button tone="accent" icon="check" pending={pending}>
          {pending ? "Registering…" : `Register ${counted(plan.specs.length, "shard")}`}
        </Button>
        <LinkButton to={page.again}>Change</LinkButton>
        <LinkButton to="/shards" tone="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  );
}

function PlanAgain({ to }: { to: string }) {
  return (
    <div className="flex flex-wrap gap-2">
      <LinkButton to={to} tone="accent" icon="arrowRight">
        Plan the same shards again
      </LinkButton>
      <LinkButton to="/shards" tone="quiet">
        Back to shards
      </LinkButton>
    </div>
  );
}

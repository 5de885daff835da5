import type { Operation } from "../../../workers/contracts.ts";
import type { ActFailure } from "../../routes/operation-acts.server.ts";
import type { LiveForm } from "../../use-live-form.ts";
import { operationName } from "../plans/plan-words.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { ReasonField } from "../ui/field.tsx";
import { counted, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { ActFailureNotice } from "./act-failure-notice.tsx";
import { CANCELLED_WEIGHTS, hasEnded } from "./operation-words.ts";

interface CancelFormProps {
  operation: Operation;
  form: LiveForm<ActFailure>;
}

/** What has moved stays or goes back: the operator's choice, with a reason. */
export function CancelForm({ operation, form }: CancelFormProps) {
  const { id, slotsMoved, slotsTotal } = operation;
  const left = slotsTotal - slotsMoved;
  const { Form, answer: failure, sent } = form;
  const pending = sent !== undefined;
  const name = operationName(operation);
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <ActFailureNotice failure={failure} />
      <Panel title={<span className="wrap-anywhere">{name}</span>}>
        <Facts
          items={[
            ["Moved so far", `${formatCount(slotsMoved)} of ${counted(slotsTotal, "slot")}`],
            [
              "Not moved",
              left === 0 ? "none" : `${counted(left, "slot")}: they stay where they are`,
            ],
          ]}
        />
      </Panel>
      {failure?.stayed ? (
        <Stayed id={id} why={failure.stayed.message} />
      ) : hasEnded(operation) ? (
        <Notice
          tone="info"
          title="It has ended already, so there is nothing to cancel."
          actions={<LinkButton to={`/operations/${id}`}>Open it</LinkButton>}
        >
          What it has moved can be undone on its page.
        </Notice>
      ) : (
        <Form method="post" action={`/operations/${id}/cancel`} noValidate>
          <Panel title="Confirm">
            <div className="flex flex-col gap-3">
              <Choices kind={operation.kind} error={failure?.errors.choice} />
              <ReasonField defaultValue={failure?.reason} error={failure?.errors.reason} />
              <div className="flex flex-wrap gap-2">
                <Button tone="danger" icon="cross" pending={pending}>
                  {pending ? "Cancelling…" : `Cancel “${name}”`}
                </Button>
                <LinkButton to={`/operations/${id}`} tone="quiet">
                  Let it go on
                </LinkButton>
              </div>
            </div>
          </Panel>
        </Form>
      )}
    </div>
  );
}

/** The way back is left to the operator, who sees what it costs and may override it. */
function Stayed({ id, why }: { id: string; why: string }) {
  return (
    <Notice
      tone="warn"
      title="Cancelled, and what has moved stays where it is."
      actions={<LinkButton to={`/operations/${id}`}>Open it</LinkButton>}
      announce
    >
      <p>{why}</p>
      <p className="mt-1">
        It can be undone on its page: the preview says what that would cost, and lets you override
        this where it can be overridden.
      </p>
    </Notice>
  );
}

interface ChoicesProps {
  kind: Operation["kind"];
  error: string | undefined;
}

function Choices({ kind, error }: ChoicesProps) {
  return (
    <fieldset className="flex flex-col">
      <legend className="text-sm font-medium">What has moved already</legend>
      <Choice value="stay" label="stays with its new shards" />
      <Choice value="return" label="goes back to where it came from, in an operation of its own" />
      {kind === "rebalance" && (
        <p className="max-w-prose text-sm text-muted">{CANCELLED_WEIGHTS}</p>
      )}
      {error && <p className="text-sm text-danger">{error}</p>}
    </fieldset>
  );
}

function Choice({ value, label }: { value: string; label: string }) {
  return (
    <label className="flex min-h-11 items-center gap-3">
      <input
        type="radio"
        name="choice"
        value={value}
        defaultChecked={value === "stay"}
        className="size-5 shrink-0"
      />
      {label}
    </label>
  );
}

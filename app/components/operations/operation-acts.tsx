import type { Operation } from "../../../workers/contracts.ts";
import type { ActFailure } from "../../routes/operation-acts.server.ts";
import type { LiveForm } from "../../use-live-form.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { Field, ReasonField } from "../ui/field.tsx";
import { Panel } from "../ui/panel.tsx";

interface OperationActsProps {
  operation: Operation;
  mayAct: boolean;
  form: LiveForm<ActFailure>;
}

/** While it runs: hold it, slow it, end it. */
export function OperationActs(props: OperationActsProps) {
  const { operation, mayAct } = props;
  if (!mayAct) {
    return (
      <Panel title="Pause, throttle, cancel">
        <p className="text-muted">Your role is viewer; an operator may do it.</p>
      </Panel>
    );
  }
  return (
    <Panel title="Pause, throttle, cancel">
      <div className="flex flex-col gap-4">
        <PauseForm {...props} />
        <ThrottleForm {...props} />
        <div className="border-t border-line pt-3">
          <LinkButton to={`/operations/${operation.id}/cancel`} icon="cross">
            Cancel…
          </LinkButton>
        </div>
      </div>
    </Panel>
  );
}

function PauseForm({ operation: { id, state }, form }: OperationActsProps) {
  const intent = state === "paused" ? "resume" : "pause";
  const { Form, sent } = form;
  const failure = form.answer?.intent === intent ? form.answer : undefined;
  return (
    <Form
      method="post"
      action={`/operations/${id}`}
      noValidate
      preventScrollReset
      className="flex flex-col gap-3"
    >
      <input type="hidden" name="intent" value={intent} />
      {/* The next reason is another one; the button stays, with the focus. */}
      <ReasonField key={intent} defaultValue={failure?.reason} error={failure?.errors.reason} />
      <div>
        <Button
          icon={intent === "pause" ? "pause" : "play"}
          pending={sent?.get("intent") === intent}
        >
          {intent === "pause" ? "Pause" : "Resume"}
        </Button>
      </div>
    </Form>
  );
}

function ThrottleForm({ operation: { id, throttle }, form }: OperationActsProps) {
  const { Form, sent } = form;
  const failure = form.answer?.intent === "throttle" ? form.answer : undefined;
  return (
    <Form
      method="post"
      action={`/operations/${id}`}
      noValidate
      preventScrollReset
      className="flex flex-col gap-3 border-t border-line pt-3"
    >
      <input type="hidden" name="intent" value="throttle" />
      <Field
        key={String(throttle)}
        label="Throttle"
        name="throttle"
        inputMode="numeric"
        autoComplete="off"
        defaultValue={failure?.throttle ?? throttle ?? ""}
        error={failure?.errors.throttle}
        hint="Entries, then logs, a second that each source may copy. Empty: as fast as it can."
      />
      <div>
        <Button icon="gauge" pending={sent?.get("intent") === "throttle"}>
          Set throttle
        </Button>
      </div>
    </Form>
  );
}

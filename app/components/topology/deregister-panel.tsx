import type { Operation } from "../../../workers/contracts.ts";
import type { DeregisterFailure } from "../../routes/shards-deregister.server.ts";
import type { ShardPage, StatsResult } from "../../routes/shards-name.server.ts";
import { type LiveForm, useLiveForm } from "../../use-live-form.ts";
import { operationName } from "../plans/plan-words.ts";
import { RefusalNotice } from "../plans/refusal-notice.tsx";
import { Button, TextLink } from "../ui/button.tsx";
import { ConfirmField, ReasonField } from "../ui/field.tsx";
import { counted } from "../ui/format.ts";
import { Panel, PanelAwait, Skeleton } from "../ui/panel.tsx";
import { Notice } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";

interface DeregisterPanelProps {
  name: string;
  page: ShardPage;
  stats: Promise<StatsResult>;
  mayDeregister: boolean;
  failure: DeregisterFailure | undefined;
}

/** The way out for a shard that holds nothing; for any other, what keeps it. */
export default function DeregisterPanel(props: DeregisterPanelProps) {
  const { name, page, stats, mayDeregister } = props;
  const form = useLiveForm("deregister", props.failure);
  const failure = form.answer;
  const kept = keptByTheRegistry(page);
  return (
    <Panel
      title="Deregister"
      note="Takes the shard out of the registry. Only one that owns no slots and holds no usage logs can go."
      className="border-danger/40"
    >
      <div className="flex max-w-3xl flex-col gap-3">
        {failure?.refusal && (
          <RefusalNotice title={`${name} is still registered.`} {...failure.refusal} />
        )}
        {failure?.unknown && (
          <Notice tone="danger" title="The registry did not answer in time." announce>
            {failure.unknown} Reload the page to see whether {name} is gone.
          </Notice>
        )}
        {!mayDeregister && (
          <p className="text-muted">Your role is viewer; an operator may do it.</p>
        )}
        {mayDeregister && kept !== null && <Kept why={kept} />}
        {mayDeregister && kept === null && (
          <PanelAwait
            resolve={stats}
            what="Whether it holds logs"
            fallback={<Skeleton lines={3} label="Asking whether it holds logs" />}
          >
            {(result) => (
              <LogsAllow name={name} drainedBy={page.drainedBy} form={form} result={result} />
            )}
          </PanelAwait>
        )}
      </div>
    </Panel>
  );
}

function keptByTheRegistry(page: ShardPage): string | null {
  if (page.isLastActive) return "It is the last active shard: without it the cache stores nothing.";
  const { slots, state } = page.shard;
  if (state === "draining") return "It is being drained. When that has ended it can go.";
  return slots > 0 ? `It owns ${counted(slots, "slot")}. Drain it first.` : null;
}

interface FormProps {
  name: string;
  drainedBy: Operation | null;
  form: LiveForm<DeregisterFailure>;
}

function LogsAllow({ result, ...props }: FormProps & { result: StatsResult }) {
  if (result.kind === "failed") {
    return <Kept why={`Whether it holds logs is not known: ${result.error}`} />;
  }
  const { logs, logRetentionDays } = result.value;
  if (logs > 0) {
    const why =
      `It holds ${counted(logs, "usage log")}. A drain hands them to other shards; else retention ` +
      `removes them within ${counted(logRetentionDays, "day")}. Then it can go.`;
    return <Kept why={why} />;
  }
  return <DeregisterForm {...props} />;
}

function Kept({ why }: { why: string }) {
  return (
    <Notice tone="info" title="It cannot be deregistered now.">
      {why}
    </Notice>
  );
}

function DeregisterForm({ name, drainedBy, form }: FormProps) {
  const { Form, answer: failure, sent } = form;
  const pending = sent !== undefined;
  return (
    <Form
      method="post"
      action={`/shards/${name}`}
      noValidate
      preventScrollReset
      className="flex flex-col gap-3"
    >
      <p>
        It owns no slots and holds no logs, so no entry and no log is lost. To undo it, register a
        shard of the same name again.
      </p>
      {drainedBy !== null && <EndsUndo operation={drainedBy} />}
      <div className="grid gap-3 sm:grid-cols-2">
        <ConfirmField name={name} defaultValue={failure?.confirm} error={failure?.errors.confirm} />
        <ReasonField defaultValue={failure?.reason} error={failure?.errors.reason} />
      </div>
      <div>
        <Button tone="danger" icon="cross" pending={pending}>
          {pending ? "Deregistering…" : `Deregister ${name}`}
        </Button>
      </div>
    </Form>
  );
}

/** What it costs beside the name: slots go back only to a shard that is registered. */
function EndsUndo({ operation }: { operation: Operation }) {
  const { id, undoableUntilMs } = operation;
  if (undoableUntilMs === null) return null;
  return (
    <Notice
      tone="warn"
      title={
        <span className="wrap-anywhere">
          This also ends the undo of “
          <TextLink to={`/operations/${id}`}>{operationName(operation)}</TextLink>”.
        </span>
      }
    >
      It is possible until <Time ms={undoableUntilMs} />, while the shard is registered. The same
      goes for every earlier operation that took slots from this shard.
    </Notice>
  );
}

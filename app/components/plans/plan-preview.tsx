import type { PreviewFailure, PreviewPage } from "../../routes/operations-preview.server.ts";
import { LinkButton } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { Notice } from "../ui/status.tsx";
import { PlanAgainForm, PlanConfirmForm } from "./plan-forms.tsx";
import { PlanFacts } from "./plan-facts.tsx";
import { PlanFailureNotice } from "./plan-failure.tsx";
import { PlanLossPanel } from "./plan-loss.tsx";
import { TargetTable, TransferTable } from "./plan-tables.tsx";
import { RefusalNotice, Sentences } from "./refusal-notice.tsx";
import { UndoNote } from "./undo-note.tsx";

export interface PlanPreviewProps {
  page: Extract<PreviewPage, { kind: "plan" }>;
  failure: PreviewFailure | undefined;
}

/** What would happen, what it would look like after, how to undo it; then a reason, then the button. */
export function PlanPreview({ page, failure }: PlanPreviewProps) {
  const { plan, changed } = page.view;
  const isStale = changed.length > 0 || failure?.refusal?.reason === "plan-stale";
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <Answer failure={failure} />
      {isStale && !failure?.refusal && (
        <RefusalNotice
          title="This plan cannot be started any more."
          reason="plan-stale"
          message="Since it was made something has changed."
          changed={changed}
        />
      )}
      <Panel title="What happens">
        <PlanFacts plan={plan} />
      </Panel>
      {plan.loss !== null && <PlanLossPanel loss={plan.loss} />}
      {plan.warnings.length > 0 && (
        <Notice tone="warn" title="Know before you confirm">
          <Sentences of={plan.warnings} />
        </Notice>
      )}
      <Panel title="Shards before and after" flush>
        <TargetTable plan={plan} />
        <TransferTable transfers={plan.transfers} />
      </Panel>
      <Panel title="How to undo it">
        <UndoNote
          kind={plan.kind}
          isFirst={plan.transfers.every(({ source }) => source === null)}
        />
      </Panel>
      <LastStep page={page} failure={failure} isStale={isStale} />
    </div>
  );
}

function LastStep({ page, failure, isStale }: PlanPreviewProps & { isStale: boolean }) {
  if (page.mayNot !== null) {
    return (
      <Notice tone="info" title={page.mayNot}>
        This page has an address: send it to somebody who may.
      </Notice>
    );
  }
  // A refusal that may be overridden needs a plan that says so.
  const overrides = failure?.refusal ? failure.overrides : page.overrides;
  const isRefused = failure?.refusal != null && failure.overrides.some(({ chosen }) => !chosen);
  if (isStale || isRefused) {
    return (
      <Panel title="Plan it again">
        <PlanAgainForm page={page} overrides={overrides} />
      </Panel>
    );
  }
  return (
    <Panel title="Confirm">
      <PlanConfirmForm page={page} failure={failure} />
    </Panel>
  );
}

function Answer({ failure }: { failure: PreviewFailure | undefined }) {
  if (failure?.unread) {
    return (
      <Notice tone="danger" title="The registry did not answer, so nothing was begun." announce>
        {failure.unread} What you typed is still there: send it again.
      </Notice>
    );
  }
  if (failure?.intent === "again") return <PlanFailureNotice failure={failure} />;
  if (failure?.refusal) return <RefusalNotice title="Nothing was started." {...failure.refusal} />;
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
      out twice.
    </Notice>
  );
}

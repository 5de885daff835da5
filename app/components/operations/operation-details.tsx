import { lazy, Suspense } from "react";
import type { ActFailure } from "../../routes/operation-acts.server.ts";
import type { OperationPage } from "../../routes/operation.server.ts";
import type { LiveForm } from "../../use-live-form.ts";
import { operationName } from "../plans/plan-words.ts";
import { TextLink } from "../ui/button.tsx";
import { Page } from "../ui/page.tsx";
import { Badge } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";
import { ActFailureNotice } from "./act-failure-notice.tsx";
import { OperationActs } from "./operation-acts.tsx";
import { OperationNotice } from "./operation-notice.tsx";
import { OperationProgressPanel } from "./operation-progress.tsx";
import { hasEnded, stateLook } from "./operation-words.ts";
import { UndoPanel } from "./undo-panel.tsx";

/** Low on the page, and not in its first load, which has a budget; the server sends them drawn. */
const WaitingForPanel = lazy(async () => {
  const { WaitingForPanel: panel } = await import("./waiting-for-panel.tsx");
  return { default: panel };
});
const OperationFacts = lazy(async () => {
  const { OperationFacts: panel } = await import("./operation-facts.tsx");
  return { default: panel };
});
const SlotMovesPanel = lazy(async () => {
  const { SlotMovesPanel: panel } = await import("./slot-moves-panel.tsx");
  return { default: panel };
});

interface OperationDetailsProps {
  page: OperationPage;
  mayAct: boolean;
  form: LiveForm<ActFailure>;
}

/** What is happening, what can be done about it, how it is undone: the same for everyone. */
export function OperationDetails({ page, mayAct, form }: OperationDetailsProps) {
  const { operation } = page;
  const { word, tone, icon } = stateLook(operation);
  return (
    <Page
      title={<span className="wrap-anywhere">{operationName(operation)}</span>}
      parent={<TextLink to="/operations">Operations</TextLink>}
      status={
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      }
      note={
        <>
          Begun by {operation.actor.name} at <Time ms={operation.startedAtMs} />: “
          <bdi>{operation.reason}</bdi>”
        </>
      }
    >
      <title>{`${operationName(operation)} · CepatEdge`}</title>
      <ActFailureNotice failure={form.answer} />
      <OperationNotice operation={operation} mayAct={mayAct} />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:items-start">
        <OperationProgressPanel operation={operation} />
        <div className="flex min-w-0 flex-col gap-4">
          {!hasEnded(operation) && (
            <OperationActs operation={operation} mayAct={mayAct} form={form} />
          )}
          <UndoPanel operation={operation} mayAct={mayAct} />
        </div>
      </div>
      <Suspense>
        <WaitingForPanel operation={operation} />
      </Suspense>
      <Suspense>
        <OperationFacts operation={operation} nowMs={page.nowMs} />
      </Suspense>
      <Suspense>
        <SlotMovesPanel page={page} />
      </Suspense>
    </Page>
  );
}

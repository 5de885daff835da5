import type { Operation } from "../../../workers/contracts.ts";
import type { ActFailure } from "../../routes/operation-acts.server.ts";
import { useLiveForm } from "../../use-live-form.ts";
import { operationName } from "../plans/plan-words.ts";
import { ActFailureNotice } from "./act-failure-notice.tsx";
import { OperationActs } from "./operation-acts.tsx";
import { hasEnded } from "./operation-words.ts";
import RunningOperation from "./running-operation.tsx";
import { UndoPanel } from "./undo-panel.tsx";

interface OperationOnShardProps {
  operation: Operation;
  mayOperate: boolean;
}

/** On a shard's page: the operation about it, to hold, slow or end while it runs, and to undo. */
export default function OperationOnShard({ operation, mayOperate }: OperationOnShardProps) {
  if (hasEnded(operation)) {
    const title = `How to undo “${operationName(operation)}”`;
    return <UndoPanel operation={operation} mayAct={mayOperate} title={title} />;
  }
  return (
    <>
      <RunningOperation operation={operation} />
      <RunningActs key={operation.id} operation={operation} mayOperate={mayOperate} />
    </>
  );
}

function RunningActs({ operation, mayOperate }: OperationOnShardProps) {
  const form = useLiveForm<ActFailure>("acts", undefined);
  return (
    <>
      <ActFailureNotice failure={form.answer} />
      <OperationActs operation={operation} mayAct={mayOperate} form={form} />
    </>
  );
}

import { lazy, Suspense } from "react";
import { Form, useNavigation } from "react-router";
import type { Operation } from "../../../workers/contracts.ts";
import { UndoNote } from "../plans/undo-note.tsx";
import { Button, TextLink } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { formatCount } from "../ui/format.ts";
import { Time } from "../ui/values.tsx";
import { hasEnded, OPERATIONS_REMEMBERED } from "./operation-words.ts";

// Its script comes after the first load, which has a budget; the server sends it drawn.
const UndoImpossible = lazy(() => import("./undo-impossible.tsx"));

interface UndoPanelProps {
  operation: Operation;
  mayAct: boolean;
  title?: string;
}

/** The way back: by a preview, while it is possible. */
export function UndoPanel({ operation, mayAct, title = "How to undo it" }: UndoPanelProps) {
  const { id, kind, undoneBy, undoableUntilMs } = operation;
  const pending = useNavigation().formAction === `/operations/${id}/undo`;
  return (
    <Panel title={<span className="wrap-anywhere">{title}</span>}>
      <div className="flex flex-col gap-3">
        {undoneBy !== null && (
          <p>
            It was undone:{" "}
            <TextLink to={`/operations/${undoneBy}`}>the operation that did so</TextLink>.
          </p>
        )}
        {undoneBy === null && undoableUntilMs === null && hasEnded(operation) && (
          <Suspense>
            <UndoImpossible operation={operation} />
          </Suspense>
        )}
        {undoableUntilMs !== null && (
          <>
            <p>
              Until <Time ms={undoableUntilMs} />, or until {formatCount(OPERATIONS_REMEMBERED)}{" "}
              more operations have come, what it has moved can go back, with all that was written
              since.
            </p>
            {mayAct ? (
              <Form method="post" action={`/operations/${id}/undo`}>
                <Button icon="arrowRight" pending={pending}>
                  {pending ? "Planning…" : "Undo…"}
                </Button>
              </Form>
            ) : (
              <p className="text-sm text-muted">An operator may undo it.</p>
            )}
          </>
        )}
        {!hasEnded(operation) && <UndoNote kind={kind} />}
      </div>
    </Panel>
  );
}

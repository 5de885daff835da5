import { Form, useNavigation } from "react-router";
import type { Operation } from "../../../workers/contracts.ts";
import { UndoNote } from "../plans/undo-note.tsx";
import { Button, TextLink } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { formatCount } from "../ui/format.ts";
import { Time } from "../ui/values.tsx";
import { hasEnded, OPERATIONS_REMEMBERED } from "./operation-words.ts";

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
        {undoneBy === null && undoableUntilMs === null && <UndoImpossible operation={operation} />}
        {undoableUntilMs !== null && (
          <>
            <p>
              Until <Time ms={undoableUntilMs} /> what it has moved can go back, with all that was
              written since, unless {formatCount(OPERATIONS_REMEMBERED)} operations have come after
              it before.
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

function UndoImpossible({ operation }: { operation: Operation }) {
  if (!hasEnded(operation)) return null;
  if (operation.homeGone !== null) return <HomeGone shard={operation.homeGone} />;
  if (operation.kind === "remove") return <p>Not at all: what the shard held is lost.</p>;
  return (
    <p className="max-w-prose">
      {whyImpossible(operation)} A drain, a registration or a rebalance takes slots wherever they
      are wanted.
    </p>
  );
}

/** The time is not over, so the way back is still there for a shard of that name. */
function HomeGone({ shard }: { shard: string }) {
  return (
    <p className="max-w-prose wrap-anywhere">
      Not now: {shard}, where slots would go back to, is not registered any more. Once{" "}
      <TextLink to={`/shards/register?names=${shard}`}>a shard of that name is registered</TextLink>
      , it can be undone for what is left of the 24 hours since it ended.
    </p>
  );
}

function whyImpossible({ slotsMoved, progress }: Operation): string {
  if (slotsMoved === 0) return "It moved no slot, so there is nothing to take back.";
  if (progress.digestsVerified === 0) return "Nobody owned these slots before.";
  return "The 24 hours in which it could be undone are over.";
}

import type { Operation } from "../../../workers/contracts.ts";
import { operationName } from "../plans/plan-words.ts";
import { LinkButton } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Meter } from "../ui/stat.tsx";
import { Notice, type NoticeTone } from "../ui/status.tsx";
import { causeNow, etaText, stateLook } from "./operation-words.ts";

/** What is moving right now, how far it is, and what it waits for; the rest is on its own page. */
export default function RunningOperation({ operation }: { operation: Operation }) {
  const { id, slotsMoved, slotsTotal } = operation;
  const text = `${formatCount(slotsMoved)} of ${formatCount(slotsTotal)} slots`;
  const cause = causeNow(operation);
  return (
    <Notice
      tone={toneOf(operation)}
      title={`${operationName(operation)}, ${stateLook(operation).word}: ${text} moved`}
      actions={<LinkButton to={`/operations/${id}`}>Progress</LinkButton>}
    >
      <Meter label="Slots moved" value={slotsMoved} max={slotsTotal} text={text} />
      <p className="mt-1">Time left: {etaText(operation)}.</p>
      {cause !== null && <p>It waits: {cause}</p>}
    </Notice>
  );
}

function toneOf(operation: Operation): NoticeTone {
  if (operation.progress.stalled !== null) return "danger";
  return causeNow(operation) === null && operation.state === "running" ? "info" : "warn";
}

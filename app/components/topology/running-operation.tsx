import type { Operation } from "../../../workers/contracts.ts";
import { LinkButton } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Meter } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";

/** What is moving right now, how far it is, and what it waits for. */
export function RunningOperation({ operation }: { operation: Operation }) {
  const { id, shards, slotsMoved, slotsTotal, actor, startedAtMs, lastError } = operation;
  const text = `${formatCount(slotsMoved)} of ${formatCount(slotsTotal)} slots`;
  return (
    <Notice
      tone={lastError === null ? "info" : "warn"}
      title={`Registering ${shards.join(", ")}: ${text} handed over`}
      actions={<LinkButton to={`/shards/register/${id}`}>Progress</LinkButton>}
    >
      <Meter label="Slots handed over" value={slotsMoved} max={slotsTotal} text={text} />
      <p className="mt-1">
        Begun by {actor.name} at <Time ms={startedAtMs} />; it goes on by itself.
      </p>
      {lastError !== null && <p>It waits: {lastError}</p>}
    </Notice>
  );
}

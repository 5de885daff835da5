import type { Amount, Operation } from "../../../workers/contracts.ts";
import { counted, formatBytes, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Progress } from "../ui/progress.tsx";
import { Facts } from "../ui/stat.tsx";
import { etaText, hasEnded, rateText, throttleText } from "./operation-words.ts";

/** How far it is, in everything that moves. */
export function OperationProgressPanel({ operation }: { operation: Operation }) {
  const { slots, entries, bytes, logs } = operation.progress;
  return (
    <Panel title="Progress">
      <div className="flex flex-col gap-4">
        <div className="flex flex-col gap-3">
          <Moved label="Slots" amount={slots} nothing="none to move" />
          <Moved label="Entries" amount={entries} nothing="none to move" />
          <Moved
            label="Size of entries"
            amount={bytes}
            format={formatBytes}
            nothing="none to move"
          />
          <Moved label="Usage logs" amount={logs} nothing="none go along" />
        </div>
        <Facts items={factsOf(operation)} />
      </div>
    </Panel>
  );
}

interface MovedProps {
  label: string;
  amount: Amount;
  format?: (value: number) => string;
  /** What stands there where there is nothing of it. */
  nothing: string;
}

function Moved({ label, amount: { moved, total }, format = formatCount, nothing }: MovedProps) {
  const text = `${format(moved)} of ${format(total)}`;
  return <Progress label={label} value={moved} max={total} text={text} nothing={nothing} />;
}

/** Of one that has ended only what was measured: it has no time left, and waits for no first figure. */
function factsOf(operation: Operation): [string, string][] {
  const { progress } = operation;
  const { digestsVerified, slotsCleaned } = progress;
  const ended = hasEnded(operation);
  const rate = rateText(progress);
  const facts: [string, string][] = [];
  if (rate !== null || !ended) facts.push(["Average rate", rate ?? "not measured yet"]);
  if (!ended) facts.push(["Time left", etaText(operation)]);
  if (ended && digestsVerified === 0) {
    facts.push(["Digests", "none: no slot was copied"]);
  } else {
    facts.push(
      [
        "Digests equal",
        `${formatCount(digestsVerified)} of ${counted(progress.slots.total, "slot")}`,
      ],
      ["Cleaned", `${counted(slotsCleaned, "slot")} deleted at the source`],
    );
  }
  if (!ended) facts.push(["Throttle", throttleText(operation)]);
  return facts;
}

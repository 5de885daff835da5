import type { Amount, Operation } from "../../../workers/contracts.ts";
import { formatBytes, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Progress } from "../ui/progress.tsx";
import { Facts } from "../ui/stat.tsx";
import { etaText, rateText, throttleText } from "./operation-words.ts";

/** How far it is, in everything that moves. */
export function OperationProgressPanel({ operation }: { operation: Operation }) {
  const { progress } = operation;
  const { slots, entries, bytes, logs, digestsVerified, slotsCleaned } = progress;
  return (
    <Panel title="Progress">
      <div className="flex flex-col gap-4">
        <div className="flex flex-col gap-3">
          <Progress
            label="Slots"
            value={slots.moved}
            max={slots.total}
            text={textOf(slots, formatCount)}
            nothing="none to move"
          />
          <Progress
            label="Entries"
            value={entries.moved}
            max={entries.total}
            text={textOf(entries, formatCount)}
            nothing="none to move"
          />
          <Progress
            label="Size of entries"
            value={bytes.moved}
            max={bytes.total}
            text={textOf(bytes, formatBytes)}
            nothing="nothing to move"
          />
          <Progress
            label="Usage logs"
            value={logs.moved}
            max={logs.total}
            text={textOf(logs, formatCount)}
            nothing="none go along"
          />
        </div>
        <Facts
          items={[
            ["Rate", rateText(progress) ?? "not measured yet"],
            ["Time left", etaText(operation)],
            [
              "Digests equal",
              `${formatCount(digestsVerified)} of ${formatCount(slots.total)} slots`,
            ],
            ["Cleaned", `${formatCount(slotsCleaned)} slots are gone from their source`],
            ["Throttle", throttleText(operation)],
          ]}
        />
      </div>
    </Panel>
  );
}

function textOf({ moved, total }: Amount, format: (value: number) => string): string {
  return `${format(moved)} of ${format(total)}`;
}

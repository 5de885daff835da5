import type { PlanLoss } from "../../../workers/contracts.ts";
import { formatBytes, formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Time } from "../ui/values.tsx";

/** What a forced removal loses, in numbers, and how old they are. */
export function PlanLossPanel({ loss }: { loss: PlanLoss }) {
  const { slots, entries, bytes, logs, asOfMs } = loss;
  return (
    <Panel title="What is lost" className="border-danger/40">
      <Facts
        items={[
          ["Slots emptied", formatCount(slots)],
          ["Entries", told(entries, formatCount)],
          ["Size of entries", told(bytes, formatBytes)],
          ["Usage logs", told(logs, formatCount)],
          ["Counted", asOfMs === null ? "never" : <Time key="counted" ms={asOfMs} />],
        ]}
      />
    </Panel>
  );
}

function told(value: number | null, format: (value: number) => string): string {
  return value === null ? "not known: nobody has ever counted them" : format(value);
}

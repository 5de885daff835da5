import type { ReactNode } from "react";
import type { Plan } from "../../../workers/contracts.ts";
import { LOCATIONS } from "../topology/words.ts";
import { TextLink } from "../ui/button.tsx";
import { counted, formatBytes, formatCount, formatDollars, formatDuration } from "../ui/format.ts";
import { Facts } from "../ui/stat.tsx";
import { Count, Time } from "../ui/values.tsx";
import { OVERRIDE_WORDS } from "./plan-words.ts";

type Fact = [name: ReactNode, value: ReactNode];

/** What happens in a few lines: who, how much, how long, at which price. */
export function PlanFacts({ plan }: { plan: Plan }) {
  const { epoch, expiresAtMs, estimate, overrides } = plan;
  const { durationMs, basis, rowsWritten, requests, dollars } = estimate;
  const facts: Fact[] = [
    ...subjectOf(plan),
    ["Moves", movesOf(plan)],
    [
      "Takes",
      `${durationMs < 1_000 ? "about a second" : `about ${formatDuration(durationMs)}`}, ${
        basis === "measured"
          ? "by the rates of the last operations"
          : "by cautious rates, as nothing has been measured yet"
      }. The cache serves all the while.`,
    ],
    [
      "Costs",
      `${formatDollars(dollars)}: ${counted(rowsWritten, "row")} written, ${counted(requests, "request")}`,
    ],
  ];
  if (overrides.length > 0) {
    facts.push(["Overrides", overrides.map((name) => OVERRIDE_WORDS[name].label).join("; ")]);
  }
  facts.push(
    [
      "Epoch",
      <span key="epoch">
        <Count value={epoch} /> → <Count value={epoch + 1} />
      </span>,
    ],
    [
      "Valid until",
      <span key="valid">
        <Time ms={expiresAtMs} />, while nothing else changes
      </span>,
    ],
  );
  return <Facts items={facts} />;
}

function subjectOf({ kind, shards, specs, weights, undoes }: Plan): Fact[] {
  const names = shards.join(", ");
  switch (kind) {
    case "register": {
      const [first] = specs;
      const each: Fact[] = first === undefined ? [] : [["Each", specOf(first)]];
      return [[counted(specs.length, "new shard"), names], ...each];
    }
    case "rebalance":
      return weights.map(({ shard, before, after }) => [shard, `weight ${before} → ${after}`]);
    case "undo":
      return [
        [
          "Takes back",
          <TextLink key="undoes" to={`/operations/${undoes}`}>
            the operation on {names}
          </TextLink>,
        ],
      ];
    case "drain":
      return [["Empties", names]];
    case "remove":
      return [["Removes", names]];
    default:
      return kind satisfies never;
  }
}

function specOf({ weight, capacityBytes, locationHint }: Plan["specs"][number]): string {
  const location = locationHint === null ? "location automatic" : LOCATIONS[locationHint];
  return `weight ${weight}, ${formatBytes(capacityBytes)}, ${location}`;
}

function movesOf({ kind, transfers }: Plan): string {
  const sum = (figure: (transfer: Plan["transfers"][number]) => number) =>
    transfers.reduce((total, transfer) => total + figure(transfer), 0);
  const slots = counted(
    sum((transfer) => transfer.slots),
    "slot",
  );
  if (kind === "remove") return `${slots}, empty: what was in them is lost`;
  if (transfers.every(({ source }) => source === null)) {
    return `${slots} that nobody owns yet; no entry moves`;
  }
  const entries = sum((transfer) => transfer.entries);
  const size = formatBytes(sum((transfer) => transfer.bytes));
  const logs = sum((transfer) => transfer.logs);
  const held = entries === 0 ? "without entries" : `with ${entriesOf(entries)} (${size})`;
  return `${slots} ${held}${logs > 0 ? ` and ${counted(logs, "usage log")}` : ""}`;
}

function entriesOf(entries: number): string {
  return entries === 1 ? "1 entry" : `${formatCount(entries)} entries`;
}

import { formatBytes } from "../../../words/bytes.ts";
import type { Plan, SlotTransfer } from "../../contracts/operations.ts";
import { logLosses } from "./log-room.ts";
import type { Intent } from "./intent.ts";
import { groupsBySource, type ShardFigures, type ShardPorts } from "./measure.ts";

type FilledPorts = Pick<ShardPorts, "stats" | "measureSlots">;
/** By shard, what it holds now; without those that do not answer. */
type Figures = Map<string, ShardFigures>;

/**
 * Sentences about targets that have filled up since the plan was made, or get so much more, that
 * what it brings would not fit any more; none: all of it fits, or the plan was made although it does
 * not. A target that does not answer is left to the operation, which waits for it.
 */
export async function filledSince(
  plan: Plan,
  intent: Intent,
  ports: FilledPorts,
): Promise<string[]> {
  const [figures, coming] = await Promise.all([
    figuresOf(askedOf(plan), ports),
    comingNow(plan, intent, ports),
  ]);
  return [...entriesOver(plan, figures, coming), ...logsOver(plan, figures)];
}

/** Bytes by target, measured once more; of a source that does not answer, as planned. */
async function comingNow(
  { fills, overrides, transfers }: Plan,
  intent: Intent,
  ports: FilledPorts,
): Promise<Map<string, number>> {
  if (fills.length === 0 || overrides.includes("target-over-capacity")) return new Map();
  const measured = [...groupsBySource(intent)].map(async ([source, groups]) => {
    try {
      return (await ports.measureSlots(source, groups, 0)).groups;
    } catch {
      return transfers.filter((transfer) => transfer.source === source);
    }
  });
  const coming = new Map<string, number>();
  for (const { target, bytes } of (await Promise.all(measured)).flat()) {
    coming.set(target, (coming.get(target) ?? 0) + bytes);
  }
  return coming;
}

function entriesOver({ fills }: Plan, figures: Figures, coming: Map<string, number>): string[] {
  return fills.flatMap(({ shard, capacityBytes, bytesBefore, bytesAfter }) => {
    // A newcomer is empty, and not asked; of one that is silent the plan has the last word.
    const entryBytes = figures.get(shard)?.entryBytes ?? bytesBefore;
    const bytes = coming.get(shard) ?? 0;
    if (bytes === 0 || entryBytes + bytes <= capacityBytes) return [];
    const changes = [
      { verb: "held", verbNow: "holds", before: bytesBefore, now: entryBytes },
      { verb: "was to get", verbNow: "would get", before: bytesAfter - bytesBefore, now: bytes },
    ]
      .filter(({ before, now }) => before !== now)
      .map(({ verb, verbNow, before, now }) => {
        return `${verb} ${formatBytes(before)} and ${verbNow} ${formatBytes(now)} now`;
      });
    const after = `${formatBytes(entryBytes + bytes)} of at most ${formatBytes(capacityBytes)}`;
    return [`${shard} ${changes.join("; it ")}; it would hold ${after}.`];
  });
}

/** A shard logs on while its plan is looked at: each target gets as much more as its source has. */
function logsOver(plan: Plan, figures: Figures): string[] {
  if (plan.overrides.includes("target-over-log-cap")) return [];
  const coming = bringingLogs(plan);
  const grown = coming.map((transfer) => {
    const planned = coming
      .filter(({ source }) => source === transfer.source)
      .reduce((sum, { logs }) => sum + logs, 0);
    const now = figures.get(transfer.source ?? "")?.logs ?? planned;
    const share = planned === 0 ? 1 / coming.length : transfer.logs / planned;
    return { ...transfer, logs: Math.ceil(share * Math.max(planned, now)) };
  });
  return logLosses(
    grown.filter(({ target }) => figures.has(target)),
    { targets: figures },
  );
}

/** A shard that is drained, and had no logs when that was planned, may have some by now. */
function bringingLogs({ kind, transfers }: Plan): SlotTransfer[] {
  const bringing = transfers.filter(({ logs }) => logs > 0);
  return kind === "drain" && bringing.length === 0 ? transfers : bringing;
}

/** Whoever gets something, and the sources of logs. Newcomers are empty. */
function askedOf(plan: Plan): string[] {
  const named = bringingLogs(plan).flatMap(({ source, target }) =>
    source === null ? [target] : [source, target],
  );
  const newcomers = new Set(plan.specs.map((spec) => spec.name));
  const names = new Set([...plan.fills.map((fill) => fill.shard), ...named]);
  return [...names].filter((name) => !newcomers.has(name));
}

async function figuresOf(shards: readonly string[], ports: FilledPorts): Promise<Figures> {
  const answers = await Promise.allSettled(
    shards.map(async (shard) => [shard, await ports.stats(shard)] as const),
  );
  return new Map(
    answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
  );
}

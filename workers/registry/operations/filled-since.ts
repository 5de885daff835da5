import { formatBytes } from "../../../words/bytes.ts";
import type { Plan, SlotTransfer } from "../../contracts/operations.ts";
import { logLosses } from "./log-room.ts";
import type { ShardFigures, ShardPorts } from "./measure.ts";

type StatsPort = Pick<ShardPorts, "stats">;
/** By shard, what it holds now; without those that do not answer. */
type Figures = Map<string, ShardFigures>;

/**
 * Sentences about targets that have filled up since the plan was made, so that what it brings would
 * not fit any more; none: all of it fits, or the plan was made although it does not. A target that
 * does not answer is left to the operation, which waits for it.
 */
export async function filledSince(plan: Plan, ports: StatsPort): Promise<string[]> {
  const figures = await figuresOf(askedOf(plan), ports);
  return [...entriesOver(plan, figures), ...logsOver(plan, figures)];
}

function entriesOver({ fills, overrides }: Plan, figures: Figures): string[] {
  if (overrides.includes("target-over-capacity")) return [];
  return fills.flatMap(({ shard, capacityBytes, bytesBefore, bytesAfter }) => {
    const now = figures.get(shard);
    if (now === undefined) return [];
    const { entryBytes } = now;
    const coming = bytesAfter - bytesBefore;
    if (coming === 0 || entryBytes + coming <= capacityBytes) return [];
    const held = `${shard} held ${formatBytes(bytesBefore)} and holds ${formatBytes(entryBytes)} now`;
    const after = `${formatBytes(entryBytes + coming)} of at most ${formatBytes(capacityBytes)}`;
    return [`${held}; it would hold ${after}.`];
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

async function figuresOf(shards: readonly string[], ports: StatsPort): Promise<Figures> {
  const answers = await Promise.allSettled(
    shards.map(async (shard) => [shard, await ports.stats(shard)] as const),
  );
  return new Map(
    answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
  );
}

import { formatBytes } from "../../../words/bytes.ts";
import type { Plan } from "../../contracts/operations.ts";
import { logLosses } from "./log-room.ts";
import type { ShardFigures, ShardPorts } from "./measure.ts";

type StatsPort = Pick<ShardPorts, "stats">;

/**
 * Sentences about targets that have filled up since the plan was made, so that what it brings would
 * not fit any more; none: all of it fits, or the plan was made although it does not. A target that
 * does not answer is left to the operation, which waits for it.
 */
export async function filledSince(plan: Plan, ports: StatsPort): Promise<string[]> {
  const [entries, logs] = await Promise.all([entriesOver(plan, ports), logsOver(plan, ports)]);
  return [...entries, ...logs];
}

async function entriesOver(plan: Plan, ports: StatsPort): Promise<string[]> {
  if (plan.overrides.includes("target-over-capacity")) return [];
  const newcomers = new Set(plan.specs.map((spec) => spec.name));
  const fills = plan.fills.filter((fill) => !newcomers.has(fill.shard));
  const figures = await figuresOf(
    fills.map((fill) => fill.shard),
    ports,
  );
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
async function logsOver(plan: Plan, ports: StatsPort): Promise<string[]> {
  const coming = plan.transfers.filter(({ logs }) => logs > 0);
  if (coming.length === 0 || plan.overrides.includes("target-over-log-cap")) return [];
  const named = coming.flatMap(({ source, target }) => [source ?? [], target].flat());
  const targets = await figuresOf([...new Set(named)], ports);
  const planned = new Map<string | null, number>();
  for (const { source, logs } of coming) planned.set(source, (planned.get(source) ?? 0) + logs);
  const grown = coming.map((transfer) => {
    const { source, logs } = transfer;
    const then = planned.get(source) ?? logs;
    const now = targets.get(source ?? "")?.logs ?? then;
    return { ...transfer, logs: Math.ceil(logs * Math.max(1, now / then)) };
  });
  return logLosses(
    grown.filter(({ target }) => targets.has(target)),
    { targets },
  );
}

/** Of those that answer. */
async function figuresOf(
  shards: readonly string[],
  ports: StatsPort,
): Promise<Map<string, ShardFigures>> {
  const answers = await Promise.allSettled(shards.map((shard) => ports.stats(shard)));
  return new Map(
    answers.flatMap((answer, index) => {
      const shard = shards[index];
      return answer.status === "fulfilled" && shard !== undefined ? [[shard, answer.value]] : [];
    }),
  );
}

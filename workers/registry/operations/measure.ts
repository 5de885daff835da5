import type { SlotsMeasure } from "../../contracts/moves.ts";
import type { ShardSpec } from "../../contracts/topology.ts";
import { sentence } from "../sentence.ts";
import type { PlannedMove } from "../packed-moves-store.ts";
import type { Intent } from "./intent.ts";

export interface ShardFigures {
  entryBytes: number;
  logs: number;
  /** Of `logs`: those of drained shards, and how many of them it keeps. */
  logsAdopted: number;
  logsAdoptedMax: number;
}

/** What operations ask shards. Each call is limited in time; it throws when nothing was answered. */
export interface ShardPorts {
  /** Tells a new shard its settings, and that it owned nothing below `epoch`. May be told again. */
  configure(spec: ShardSpec, epoch: number): Promise<void>;
  measureSlots(
    shard: string,
    groups: { target: string; slots: number[] }[],
    logTargets: number,
  ): Promise<SlotsMeasure>;
  stats(shard: string): Promise<ShardFigures>;
  wake(shard: string): Promise<void>;
  /** Closes a shard that is about to be removed by force; see RETIRE_TIMEOUT_MS. */
  retire(shard: string, epoch: number): Promise<void>;
  /** Has a shard drop what `source`, which is gone, had been copying to it below `epoch`. */
  dropStages(shard: string, source: string, epoch: number, slots: number[]): Promise<void>;
}

export interface Measures {
  /** By source. */
  sources: Map<string, SlotsMeasure>;
  /** Who would take the logs of those that leave, in the order by which a log finds its own. */
  logTargets: string[];
  /** What each target, or taker of logs, holds already; a newcomer is not asked, for it is empty. */
  targets: Map<string, ShardFigures>;
  /** By shard, why it was not answered. */
  silent: Map<string, string>;
}

/** Asks everyone at once: sources what they would move, targets what they hold. */
export async function measure(
  ports: Pick<ShardPorts, "measureSlots" | "stats">,
  intent: Intent,
  active: readonly string[],
): Promise<Measures> {
  const takers = logTargets(intent, active);
  const measures: Measures = {
    sources: new Map(),
    logTargets: takers,
    targets: new Map(),
    silent: new Map(),
  };
  const sources = groupsBySource(intent);
  const targets = intent.kind === "remove" ? [] : targetsOf(intent, takers);
  const ask = async (shard: string, question: () => Promise<void>) => {
    try {
      await question();
    } catch (error) {
      measures.silent.set(shard, sentence(error));
    }
  };
  await Promise.all([
    ...[...sources].map(([source, groups]) =>
      ask(source, async () => {
        const count = intent.leaves.includes(source) ? takers.length : 0;
        measures.sources.set(source, await ports.measureSlots(source, groups, count));
      }),
    ),
    ...targets.map((target) =>
      ask(target, async () => {
        measures.targets.set(target, await ports.stats(target));
      }),
    ),
  ]);
  return measures;
}

/** Those that exist already. */
function targetsOf({ specs, moves }: Intent, takers: readonly string[]): string[] {
  const newcomers = new Set(specs.map((spec) => spec.name));
  const targets = new Set([...moves.map((move) => move.target), ...takers]);
  return [...targets].filter((target) => !newcomers.has(target));
}

/** Those that leave are asked even when they own no slot: their logs count. */
export function groupsBySource(intent: Intent): Map<string, { target: string; slots: number[] }[]> {
  const leavers = intent.kind === "remove" ? intent.shards : intent.leaves;
  const sources = new Map<string, { target: string; slots: number[] }[]>(
    leavers.map((name) => [name, []]),
  );
  for (const [source, moves] of Map.groupBy(intent.moves, (move) => move.source)) {
    if (source !== null) sources.set(source, byTarget(moves));
  }
  return sources;
}

function byTarget(moves: readonly PlannedMove[]): { target: string; slots: number[] }[] {
  return [...Map.groupBy(moves, (move) => move.target)].map(([target, batch]) => ({
    target,
    slots: batch.map((move) => move.slot),
  }));
}

/** Who takes the logs of those that leave: who takes their slots, else whoever is active. */
export function logTargets(intent: Intent, active: readonly string[]): string[] {
  if (intent.leaves.length === 0) return [];
  const leavers = new Set(intent.leaves);
  const takers = intent.moves.flatMap(({ source, target }) =>
    source !== null && leavers.has(source) ? [target] : [],
  );
  const targets = takers.length > 0 ? takers : [...active, ...intent.joins];
  return [...new Set(targets)].filter((name) => !leavers.has(name)).toSorted();
}

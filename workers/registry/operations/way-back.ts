import type { SlotsMeasure } from "../../contracts/moves.ts";
import type { Plan } from "../../contracts/operations.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { withinMs } from "../../lib/within-ms.ts";
import type { StoredOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { listCommitted, type SlotMoveRow } from "../slot-moves-store.ts";
import type { Intent, Objection } from "./intent.ts";
import { reverse } from "./intend-undo.ts";
import { activeNames, makePlan } from "./make-plan.ts";
import { groupsBySource, logTargets, measure, type Measures, type ShardPorts } from "./measure.ts";

/** A cancel is acknowledged within a second: whoever is asked before it has half of one. */
const ASKED_MS_MAX = SECOND_MS / 2;

export type AskPorts = Pick<ShardPorts, "measureSlots" | "stats">;

/** What a cancelled operation has moved can go back so, and fits. */
export interface WayBack {
  kind: "way";
  intent: Intent;
  /** Of nobody's asking, and started by the cancel itself. */
  plan: Plan;
}

/**
 * Asks what no row of the operation says: how full those are who would take back what it has moved,
 * and how many usage logs come with it. Never rejects; who does not answer in time is silent.
 */
export async function askAboutWayBack(
  { sql, world }: RegistryState,
  ports: AskPorts,
  operation: StoredOperation,
): Promise<Measures> {
  const intent = reverse(sql, world, operation);
  if ("moves" in intent) return await measure(hurried(ports), intent, activeNames(world));
  return { sources: new Map(), logTargets: [], targets: new Map(), silent: new Map() };
}

/** Entries are not counted again: their digests have done so, and to count takes its time. */
function hurried({ measureSlots, stats }: AskPorts): AskPorts {
  return {
    measureSlots: async (shard, _groups, takers) => {
      if (takers === 0) return { groups: [], logs: 0, logsByTarget: [] };
      return await withinMs(ASKED_MS_MAX, measureSlots(shard, [], takers));
    },
    stats: (shard) => withinMs(ASKED_MS_MAX, stats(shard)),
  };
}

/**
 * The way back of an operation that is about to be cancelled; or why what it has moved has to stay:
 * for the same reasons for which the plan of its undo would be refused, but for silence. A shard
 * that is silent and takes slots back holds up its own move and nothing else, so it may begin; who
 * takes logs and does not say what it holds counts as full, and who would hand over logs and does
 * not say how many keeps them, because those are what would be lost without a word.
 */
export function wayBack(
  state: RegistryState,
  operation: StoredOperation,
  asked: Measures,
): WayBack | Objection {
  const { sql, world } = state;
  const intent = reverse(sql, world, operation);
  if (!("moves" in intent)) return intent;
  const rows = listCommitted(sql, operation.seq);
  const targets = withoutWhatLeft(asked.targets, rows);
  const takers = logTargets(intent, activeNames(world));
  const measures = measuresOf(intent, takers, rows, { ...asked, targets });
  const plan = makePlan(state, world.epoch, intent, measures, []);
  return plan.kind === "objection" ? plan : { kind: "way", intent, plan };
}

/** What has left a shard, and is only being removed there, is what comes back: it needs no room. */
function withoutWhatLeft(
  targets: Measures["targets"],
  rows: readonly SlotMoveRow[],
): Measures["targets"] {
  const leaving = Map.groupBy(
    rows.filter(({ state }) => state === "committed"),
    ({ source }) => source,
  );
  const bytesOf = (shard: string) =>
    (leaving.get(shard) ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  return new Map(
    [...targets].map(([shard, figures]) => {
      const entryBytes = Math.max(0, figures.entryBytes - bytesOf(shard));
      return [shard, { ...figures, entryBytes }];
    }),
  );
}

function measuresOf(
  intent: Intent,
  takers: string[],
  rows: readonly SlotMoveRow[],
  asked: Measures,
): Measures {
  const bySlot = new Map(rows.map((row) => [row.slot, row]));
  const sources = new Map<string, SlotsMeasure>();
  const silent = new Map<string, string>();
  for (const [source, groups] of groupsBySource(intent)) {
    const logs = intent.leaves.includes(source) ? logsOf(source, takers, asked) : NO_LOGS;
    const counted = groups.map(({ target, slots }) => countedOf(target, slots, bySlot));
    if (typeof logs === "string") silent.set(source, logs);
    else sources.set(source, { ...logs, groups: counted });
  }
  return { sources, logTargets: takers, targets: asked.targets, silent };
}

type Logs = Pick<SlotsMeasure, "logs" | "logsByTarget">;

const NO_LOGS: Logs = { logs: 0, logsByTarget: [] };

/** The logs that a shard would hand over, or why that is not known. */
function logsOf(source: string, takers: readonly string[], asked: Measures): Logs | string {
  const answered = asked.sources.get(source);
  if (answered === undefined) return asked.silent.get(source) ?? "it got its slots just now";
  const isSplitSo = takers.join() === asked.logTargets.join();
  if (isSplitSo || answered.logs === 0) return answered;
  return "slots came from one more shard while it was asked";
}

/** What the digests counted when the slots came is what goes back, but for the traffic since. */
function countedOf(
  target: string,
  slots: readonly number[],
  rows: ReadonlyMap<number, SlotMoveRow>,
): SlotsMeasure["groups"][number] {
  const sum = (key: "entries" | "bytes") =>
    slots.reduce((total, slot) => total + (rows.get(slot)?.[key] ?? 0), 0);
  return { target, slots: slots.length, entries: sum("entries"), bytes: sum("bytes") };
}

import type {
  Override,
  Plan,
  PlanLoss,
  RefusalReason,
  ShareChange,
  SlotTransfer,
  TargetFill,
} from "../../contracts/operations.ts";
import { formatBytes } from "../../../words/bytes.ts";
import { findSize, measuredRate } from "../figures-store.ts";
import { PLAN_LIFE_MS } from "../plans.ts";
import type { RegistryState } from "../registry-state.ts";
import { activeShards, type World } from "../shards-store.ts";
import { estimate, estimateRemoval } from "./estimate.ts";
import { type Intent, type Objection, objection } from "./intent.ts";
import { logLosses } from "./log-room.ts";
import type { Measures } from "./measure.ts";

/** A target that would be fuller than this is warned of. */
const FULL_SHARE = 0.8;

/** The preview of an intent, with what was measured; or why it may not be started as it is. */
export function makePlan(
  state: RegistryState,
  epoch: number,
  intent: Intent,
  measures: Measures,
  overrides: Override[],
): Plan | Objection {
  const { world, nowMs } = state;
  const isRemoval = intent.kind === "remove";
  const blocked = isRemoval ? null : objectionToSilence(intent, measures, overrides);
  if (blocked !== null) return blocked;
  const transfers = transfersOf(intent, measures);
  const fills = isRemoval ? [] : fillsOf(state, intent, transfers, measures);
  const open = openBreaker(state, { fills, transfers });
  const lost = logLosses(transfers, measures);
  const objected = objectionToTargets(fills, open, lost, overrides);
  if (objected !== null) return objected;
  return {
    id: crypto.randomUUID(),
    kind: intent.kind,
    epoch,
    shards: intent.shards,
    specs: intent.specs,
    weights: intent.weights,
    undoes: intent.undoes,
    transfers,
    shares: sharesOf(world, intent),
    fills,
    estimate: isRemoval
      ? estimateRemoval(intent.moves.length)
      : estimate(transfers, measuredRate(state.sql)),
    loss: isRemoval ? lossOf(state, nowMs, intent, measures) : null,
    overrides,
    warnings: warningsOf(intent, fills, open, lost, measures),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + PLAN_LIFE_MS,
  };
}

/** Sources that do not say what they hold, so that none of it can be counted. */
export function silentSources(intent: Intent, { silent, sources }: Measures): string[] {
  const isSource = (shard: string) =>
    intent.leaves.includes(shard) || intent.moves.some((move) => move.source === shard);
  return [...silent.keys()].filter((shard) => isSource(shard) && !sources.has(shard));
}

/** A plan must count what it moves. Only a target may stay silent, and only where that is accepted. */
function objectionToSilence(
  intent: Intent,
  measures: Measures,
  overrides: readonly Override[],
): Objection | null {
  const { silent, targets } = measures;
  const [source] = silentSources(intent, measures);
  if (source !== undefined) {
    // Newcomers can do without its slots, and are the way out where nobody else is left.
    const reason = intent.kind === "register" ? "source-silent" : "shard-unreachable";
    const message = `${source} cannot be asked what it holds: ${silent.get(source)}`;
    return objection(reason, message);
  }
  for (const [shard, why] of silent) {
    if (!targets.has(shard) && !overrides.includes("target-breaker-open")) {
      const message = `${shard}, which slots or logs would go to, cannot be reached: ${why}`;
      return objection("shard-unreachable", message);
    }
  }
  return null;
}

function transfersOf(intent: Intent, { sources, logTargets }: Measures): SlotTransfer[] {
  const transfers = new Map<string, SlotTransfer>();
  const transfer = (source: string | null, target: string) => {
    const key = `${source} ${target}`;
    const found = transfers.get(key);
    if (found !== undefined) return found;
    const fresh = { source, target, slots: 0, entries: 0, bytes: 0, logs: 0 };
    transfers.set(key, fresh);
    return fresh;
  };
  for (const { source, target } of intent.moves) transfer(source, target).slots += 1;
  if (intent.kind === "remove") return [...transfers.values()];
  for (const [source, measured] of sources) {
    for (const { target, entries, bytes } of measured.groups) {
      const one = transfer(source, target);
      one.entries += entries;
      one.bytes += bytes;
    }
  }
  for (const leaver of intent.leaves) {
    const logs = sources.get(leaver)?.logsByTarget ?? [];
    logTargets.forEach((taker, index) => {
      const share = logs[index] ?? 0;
      if (share > 0) transfer(leaver, taker).logs += share;
    });
  }
  return [...transfers.values()];
}

function fillsOf(
  state: RegistryState,
  intent: Intent,
  transfers: readonly SlotTransfer[],
  measures: Measures,
): TargetFill[] {
  const specs = new Map(intent.specs.map((spec) => [spec.name, spec]));
  const targets = [...new Set(intent.moves.map((move) => move.target))];
  return targets.map((shard) => {
    const known = specs.get(shard) ?? state.world.byName.get(shard);
    const noted = specs.has(shard) ? 0 : (findSize(state.sql, shard)?.bytes ?? 0);
    const bytesBefore = measures.targets.get(shard)?.entryBytes ?? noted;
    const incoming = transfers.filter((transfer) => transfer.target === shard);
    const bytesAfter = incoming.reduce((sum, transfer) => sum + transfer.bytes, bytesBefore);
    return { shard, capacityBytes: known?.capacityBytes ?? 0, bytesBefore, bytesAfter };
  });
}

function objectionToTargets(
  fills: readonly TargetFill[],
  open: string | null,
  lost: readonly string[],
  overrides: readonly Override[],
): Objection | null {
  const refuse = (override: Override & RefusalReason, message: string | null) =>
    message === null || overrides.includes(override) ? null : objection(override, message);
  const full = fills.find(
    (fill) => fill.bytesAfter > Math.max(fill.capacityBytes, fill.bytesBefore),
  );
  const fullMessage = full === undefined ? null : overfull(full);
  return (
    refuse("target-breaker-open", open) ??
    refuse("target-over-capacity", fullMessage) ??
    refuse("target-over-log-cap", lost[0] ?? null)
  );
}

function overfull({ shard, bytesAfter, capacityBytes }: TargetFill): string {
  const fill = `${formatBytes(bytesAfter)} of at most ${formatBytes(capacityBytes)}`;
  return `${shard} would hold ${fill}, ${formatBytes(bytesAfter - capacityBytes)} too much.`;
}

/**
 * The sentence about the first shard whose breaker lets nobody through, of those that would get
 * slots, or only usage logs; null: there is none.
 */
export function openBreaker(
  { world, breakers, nowMs }: RegistryState,
  { fills, transfers }: Pick<Plan, "fills" | "transfers">,
): string | null {
  const takers = [
    ...fills.map(({ shard }) => ({ name: shard, what: "slots" })),
    ...transfers
      .filter(({ logs }) => logs > 0)
      .map(({ target }) => ({ name: target, what: "usage logs" })),
  ];
  for (const { name, what } of takers) {
    const shard = world.byName.get(name);
    const breaker = shard === undefined ? "closed" : breakers.stateOf(shard, nowMs);
    if (breaker === "open" || breaker === "isolated") {
      return `The breaker of ${name}, which ${what} would go to, is ${breaker}.`;
    }
  }
  return null;
}

function sharesOf(world: World, intent: Intent): ShareChange[] {
  const gained = new Map<string, number>();
  const add = (shard: string, slots: number) => gained.set(shard, (gained.get(shard) ?? 0) + slots);
  for (const { source, target } of intent.moves) {
    add(target, 1);
    if (source !== null) add(source, -1);
  }
  const old = [...world.byName.values()].map(({ id, name: shard }): ShareChange => {
    const before = world.slotCounts[id] ?? 0;
    return { shard, before, after: before + (gained.get(shard) ?? 0) };
  });
  const fresh = intent.specs.map(({ name: shard }): ShareChange => ({
    shard,
    before: null,
    after: gained.get(shard) ?? 0,
  }));
  return [...old, ...fresh];
}

/** From the shard itself where it still answers, else from when somebody looked last. */
function lossOf(
  { sql }: RegistryState,
  nowMs: number,
  { shards, moves }: Intent,
  measures: Measures,
): PlanLoss {
  const [name = ""] = shards;
  const slots = moves.length;
  const live = measures.sources.get(name);
  if (live !== undefined) {
    const entries = live.groups.reduce((sum, group) => sum + group.entries, 0);
    const bytes = live.groups.reduce((sum, group) => sum + group.bytes, 0);
    return { slots, entries, bytes, logs: live.logs, asOfMs: nowMs };
  }
  const noted = findSize(sql, name);
  if (noted === null) return { slots, entries: null, bytes: null, logs: null, asOfMs: null };
  const { entries, bytes, logs, atMs: asOfMs } = noted;
  return { slots, entries, bytes, logs, asOfMs };
}

function warningsOf(
  intent: Intent,
  fills: readonly TargetFill[],
  open: string | null,
  lost: readonly string[],
  measures: Measures,
): string[] {
  const { sources, silent } = measures;
  const warnings = [...intent.warnings];
  for (const { shard, capacityBytes, bytesAfter, bytesBefore } of fills) {
    const share = bytesAfter / capacityBytes;
    if (share <= FULL_SHARE || bytesAfter === bytesBefore) continue;
    const evicts = share > 1 ? ", and would evict what does not fit" : "";
    warnings.push(`${shard} would be ${Math.round(share * 100)}% full${evicts}.`);
  }
  warnings.push(...lost);
  if (open !== null) warnings.push(`${open} Moves to it wait until it answers.`);
  if (intent.kind !== "remove") {
    for (const shard of silent.keys()) {
      warnings.push(`${shard} does not answer; what it holds is not as new as the rest.`);
    }
  } else if (intent.shards.some((shard) => sources.has(shard))) {
    warnings.push(`${intent.shards.join()} still answers: drain it instead, and nothing is lost.`);
  }
  return warnings;
}

export function activeNames(world: World): string[] {
  return activeShards(world).map((shard) => shard.name);
}

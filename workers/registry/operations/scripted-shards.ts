import type { MoveReport } from "../../contracts/moves.ts";
import type { RegistryState } from "../registry-state.ts";
import { commitMoves } from "./commit.ts";
import type { ShardPorts } from "./measure.ts";
import { nextMoves } from "./offer.ts";
import { reportMoves } from "./report.ts";

/**
 * Shards that follow a script, for tests of the registry's rules: what they hold is given by the
 * slot, and they move as far as a test lets them.
 */
export interface ScriptedShards extends ShardPorts {
  /** Shards that answer nothing. */
  silent: Set<string>;
  woken: string[];
  /** By shard, the epoch below which it was closed. */
  retired: Map<string, number>;
  /** Logs of drained shards that each holds; absent: none. */
  adopted: Map<string, number>;
  /** Logs that each has written since it was measured; absent: none. */
  loggedSince: Map<string, number>;
  /** Bytes of entries that each holds; absent: none. */
  held: Map<string, number>;
  /** The registry's alarm, which no test of its rules waits for. */
  arm(): Promise<void>;
}

/** Logs of drained shards that each scripted shard keeps. */
export const LOGS_ADOPTED_MAX = 4_000;

export interface Contents {
  entries(slot: number): number;
  bytes(slot: number): number;
  logs(shard: string): number;
}

export const EMPTY: Contents = { entries: () => 0, bytes: () => 0, logs: () => 0 };

export function scriptedShards(contents: Contents = EMPTY): ScriptedShards {
  const silent = new Set<string>();
  const woken: string[] = [];
  const retired = new Map<string, number>();
  const adopted = new Map<string, number>();
  const loggedSince = new Map<string, number>();
  const held = new Map<string, number>();
  const speak = async (shard: string) => {
    await Promise.resolve();
    if (silent.has(shard)) throw new Error("no answer within 5000 ms");
  };
  return {
    silent,
    woken,
    retired,
    adopted,
    loggedSince,
    held,
    arm: async () => {},
    configure: (spec) => speak(spec.name),
    stats: async (shard) => {
      await speak(shard);
      const logs = contents.logs(shard) + (loggedSince.get(shard) ?? 0);
      const logsAdopted = adopted.get(shard) ?? 0;
      return {
        entryBytes: held.get(shard) ?? 0,
        logs,
        logsAdopted,
        logsAdoptedMax: LOGS_ADOPTED_MAX,
      };
    },
    wake: async (shard) => {
      woken.push(shard);
      await speak(shard);
    },
    retire: async (shard, epoch) => {
      await speak(shard);
      retired.set(shard, epoch);
    },
    dropStages: async (shard) => {
      await speak(shard);
    },
    measureSlots: async (shard, groups, logTargets) => {
      await speak(shard);
      return {
        groups: groups.map(({ target, slots }) => ({
          target,
          slots: slots.length,
          entries: slots.reduce((sum, slot) => sum + contents.entries(slot), 0),
          bytes: slots.reduce((sum, slot) => sum + contents.bytes(slot), 0),
        })),
        logs: contents.logs(shard),
        logsByTarget: evenly(contents.logs(shard), logTargets),
      };
    },
  };
}

function evenly(logs: number, targets: number): number[] {
  return Array.from({ length: targets }, (_, at) => Math.ceil((logs - at) / targets));
}

export function report(shard: string, operation: string, more: Partial<MoveReport>): MoveReport {
  return {
    shard,
    operation,
    step: "copying",
    slots: 0,
    slot: null,
    entriesInFlight: 0,
    bytesInFlight: 0,
    cleaned: [],
    logs: null,
    logsDone: false,
    error: null,
    ...more,
  };
}

/**
 * One order of one source, carried out: at most `slotsMax` of its slots, or all of its logs. False:
 * there was nothing to do.
 */
export function carryOut(
  state: RegistryState,
  shard: string,
  slotsMax: number,
  contents: Contents = EMPTY,
): boolean {
  const order = nextMoves(state, shard);
  switch (order.kind) {
    case "move": {
      const slots = order.slots.slice(0, slotsMax).map(({ slot }) => slot);
      const digests = slots.map((slot) => ({
        slot,
        entries: contents.entries(slot),
        bytes: contents.bytes(slot),
        hash: `digest of ${slot}`,
      }));
      const { operation, epoch } = order;
      const { committed } = commitMoves(state, { shard, operation, epoch, digests });
      reportMoves(state, report(shard, operation, { step: "cleaning", cleaned: committed }));
      return true;
    }
    case "logs": {
      const logs = { moved: contents.logs(shard), left: 0 };
      const more = { step: "logs" as const, logs, logsDone: true };
      reportMoves(state, report(shard, order.operation, more));
      return true;
    }
    case "wait":
    case "idle":
      return false;
    default:
      return order satisfies never;
  }
}

/** Everything that any of the shards has to do. */
export function carryOutAll(
  state: RegistryState,
  shards: readonly string[],
  contents: Contents = EMPTY,
): void {
  for (const shard of shards) while (carryOut(state, shard, Infinity, contents)) continue;
}

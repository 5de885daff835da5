import type {
  BreakerVerdict,
  CallReport,
  Caller,
  Entry,
  Route,
  RouteAnswer,
  RoutesAnswer,
} from "../../contracts.ts";
import type { Collaborators, ShardEntries } from "../collaborators.ts";
import { toJson } from "../../lib/json-of.ts";

type Script<A> = (nth: number) => A | Promise<A>;

/**
 * Collaborators that answer by a script, on a clock that only the script moves: for the rules of
 * retry, report and time-out, whose occasions no real object brings about on demand.
 */
export function scriptedTools(script: {
  route?: Script<RouteAnswer>;
  routes?: (keys: string[], nth: number) => RoutesAnswer;
  shard?: Partial<ShardEntries>;
}) {
  const seen = {
    callers: [] as Caller[],
    keysAsked: [] as string[][],
    stubs: [] as string[],
    reports: [] as CallReport[],
    waitsMs: [] as number[],
    nowMs: 1_000_000,
  };
  const background: Promise<unknown>[] = [];
  const shard: ShardEntries = {
    getEntry: unexpected,
    getEntries: unexpected,
    setEntry: unexpected,
    deleteEntry: unexpected,
    leaseEntry: unexpected,
    releaseLease: unexpected,
    ...script.shard,
  };
  const tools: Collaborators = {
    registry: () => ({
      getActiveInstanceFor: async (_type, _key, caller) => {
        seen.callers.push(caller);
        return toJson((await script.route?.(seen.callers.length)) ?? (await unexpected()));
      },
      getActiveInstancesFor: async (_type, keys, caller) => {
        seen.callers.push(caller);
        seen.keysAsked.push(keys);
        return toJson(script.routes?.(keys, seen.callers.length) ?? (await unexpected()));
      },
      report: async (reports) => {
        seen.reports.push(...reports);
      },
    }),
    shardOf: (name) => {
      seen.stubs.push(name);
      return shard;
    },
    caller: { reporter: "SIN" },
    waitUntil: (work) => background.push(work),
    nowMs: () => seen.nowMs,
    random: () => 0.5,
    // A wait between attempts is over at once; a call's time-out never comes by itself.
    startTimer: (ms) => {
      if (ms < 1_000) seen.waitsMs.push(ms);
      return { done: ms < 1_000 ? Promise.resolve() : new Promise(() => {}), cancel: () => {} };
    },
  };
  return { tools, seen, reported: async () => await Promise.all(background) };
}

async function unexpected(): Promise<never> {
  throw new Error("The script has no answer for this.");
}

/** Where `routeTo("s-1")` leads. */
export const AT = { shard: "s-1", slot: 11, epoch: 3 };

export const ENTRY: Entry = {
  value: new Uint8Array([1, 2, 3]),
  contentType: "text/plain",
  storedAtMs: 1,
  expiresAtMs: null,
  version: 1,
};

export const DENY: BreakerVerdict = {
  kind: "deny",
  generation: 7,
  reason: "open",
  retryAfterMs: 4_000,
};
export const PROBE: BreakerVerdict = { kind: "probe", generation: 7, permit: "p-1" };

export function routeTo(shard: string, more: Partial<Route> = {}): Route {
  const breaker = { kind: "allow", generation: 7 } as const;
  return { kind: "route", shard, slot: 11, epoch: 3, breaker, ...more };
}

/** An error as the runtime marks its own. */
export function platformError(message: string, marks: { retryable?: true; overloaded?: true }) {
  return Object.assign(new Error(message), marks);
}

import { slotFor } from "../../../workers/hashing/slot.ts";
import type { Hold, PointServer } from "../server/point-server.ts";
import type { PointNotice, PointOrder } from "../worker/protocol.ts";
import type { Client } from "./client.ts";
import { pause } from "./clock.ts";
import type { Door } from "./door.ts";
import { NO_FAULTS } from "./faults.ts";
import type { RunOptions } from "./run-options.ts";
import type { TopologyActions } from "./topology-actions.ts";
import {
  type DataRequest,
  type KeyName,
  nameOf,
  UNDISTURBED,
  WORKLOAD_DEFAULTS,
} from "./workload.ts";

/**
 * What a safeguard of the protocol is there for, brought about on purpose, so that a product
 * without it is found out whatever the timing:
 *
 * - `changed while copied`: entries of a batch are written while its copy is on its way;
 * - `written while sealed`: and again between the seal and the source's being told of it;
 * - `cancelled before the commit`: an operation ends while a source's question is on its way;
 * - `logs lost`: the first logs of a drain never arrive;
 * - `late requests`: they have their route, a whole drain goes by, and then they reach the shard.
 */
export type Race =
  | "changed while copied"
  | "written while sealed"
  | "cancelled before the commit"
  | "logs lost"
  | "late requests";

export const RACES: readonly Race[] = [
  "changed while copied",
  "written while sealed",
  "cancelled before the commit",
  "logs lost",
  "late requests",
];

/** For a run of races and nothing else: traffic would only take time from them. */
export function racesAlone(races: readonly Race[]): RacesOptions {
  const workload = { ...WORKLOAD_DEFAULTS, hotTags: 1, coldKeys: 0 };
  const scenario = { kind: "races" as const, races };
  return { operations: 1, clients: 0, workload, faults: NO_FAULTS, scenario };
}

type RacesOptions = Pick<RunOptions, "operations" | "clients" | "workload" | "faults" | "scenario">;

export interface RacesWorld {
  door: Door;
  points: PointServer;
  topology: TopologyActions;
  client: Client;
}

/** Keys that the traffic leaves alone: enough for every shard to have some. */
const RACE_TYPE = "race";
const RACE_KEYS: readonly KeyName[] = Array.from({ length: 60 }, (_, index) => {
  return { type: RACE_TYPE, key: `key-${index}` };
});
const BY_SLOT: ReadonlyMap<number, KeyName[]> = Map.groupBy(RACE_KEYS, ({ type, key }) =>
  slotFor(type, key),
);

/** Shards that join, one after the other, and the one that then leaves. */
const NEWCOMERS = { first: "dune", second: "ember" };
const LEAVER = "anchor";

/** A product tells a write to a sealed slot to wait, so nothing shows when that has happened. */
const SEALED_WRITE_MS = 250;
/** More than one: on busy cores a batch may be frozen for too long, and begins again. */
const SEALED_WRITES_MAX = 8;

export class Races {
  readonly #world: RacesWorld;
  readonly #races: ReadonlySet<Race>;
  /** By source: the keys of the batch that it copies. */
  readonly #copied = new Map<string, KeyName[]>();
  readonly #afterwards: Promise<void>[] = [];
  #sealedLeft = SEALED_WRITES_MAX;
  #hasLostLogs = false;
  #cancelling: { source: string | null; isDecided: () => void } | null = null;

  constructor(world: RacesWorld, races: readonly Race[]) {
    this.#world = world;
    this.#races = new Set(races);
  }

  async carryOut(): Promise<void> {
    const { points, topology } = this.#world;
    points.onPoint((notice) => this.#at(notice));
    const stages: (() => Promise<void>)[] = [];
    if (this.#has("changed while copied") || this.#has("written while sealed")) {
      stages.push(async () => await topology.carryOut("register", NEWCOMERS.first));
    }
    if (this.#has("cancelled before the commit")) {
      stages.push(async () => await this.#cancelOne(NEWCOMERS.second));
    }
    if (this.#has("late requests")) stages.push(async () => await this.#drainUnderLateRequests());
    else if (this.#has("logs lost")) {
      stages.push(async () => await topology.carryOut("drain", LEAVER));
    }
    for (const stage of stages) {
      // Where an operation does not end there is nothing to race with any more.
      if (topology.stuck.length > 0) break;
      await this.#fill();
      await stage();
    }
    await Promise.all(this.#afterwards);
  }

  #has(race: Race): boolean {
    return this.#races.has(race);
  }

  async #at(notice: PointNotice): Promise<PointOrder> {
    const { point } = notice;
    const keys = notice.slots.flatMap((slot) => BY_SLOT.get(slot) ?? []);
    const source = notice.source ?? "";
    if (point === "stage.before" && keys.length > 0) {
      this.#copied.set(source, keys);
      if (this.#has("changed while copied")) await this.#change(keys);
    }
    if (point === "seal.after") await this.#writeSealed(this.#copied.get(source) ?? []);
    if (point === "seal.after") this.#copied.delete(source);
    if (point === "commitMoves.before") await this.#cancelFirst(notice, keys);
    if (point === "commitMoves.after") this.#decided(notice);
    if (point === "acceptLogs.before" && this.#has("logs lost") && !this.#hasLostLogs) {
      this.#hasLostLogs = true;
      return "fail";
    }
    return "go";
  }

  /** The source serves while it copies, so each is answered before the copy goes on. */
  async #change(keys: readonly KeyName[]): Promise<void> {
    const [first, second] = keys;
    if (first !== undefined) await this.#send({ kind: "set", key: first, ttlSeconds: null });
    if (second !== undefined) await this.#send({ kind: "delete", key: second });
  }

  async #writeSealed([key]: readonly KeyName[]): Promise<void> {
    if (key === undefined || this.#sealedLeft === 0 || !this.#has("written while sealed")) return;
    this.#sealedLeft -= 1;
    const writing = this.#send({ kind: "set", key, ttlSeconds: null });
    this.#afterwards.push(writing.then(async () => await this.#send({ kind: "get", key })));
    await Promise.race([writing, pause(SEALED_WRITE_MS)]);
  }

  /** A register that is cancelled while its first commit with entries is on its way. */
  async #cancelOne(name: string): Promise<void> {
    const { topology } = this.#world;
    const deciding = Promise.withResolvers<void>();
    this.#cancelling = { source: null, isDecided: deciding.resolve };
    await topology.carryOut("register", name);
    if (topology.stuck.length === 0) await deciding.promise;
    this.#cancelling = null;
    await topology.settle();
    await this.#readAll();
  }

  async #cancelFirst({ source }: PointNotice, keys: KeyName[]): Promise<void> {
    const cancelling = this.#cancelling;
    if (cancelling === null || cancelling.source !== null || keys.length === 0) return;
    cancelling.source = source;
    await this.#world.topology.cancelRunning();
  }

  #decided({ source }: PointNotice): void {
    if (source !== null && this.#cancelling?.source === source) this.#cancelling.isDecided();
  }

  /**
   * Of each kind of request one is held with a route to the shard that leaves, until that has
   * handed everything over and cleaned up. What was there before is seen at the new owner first.
   */
  async #drainUnderLateRequests(): Promise<void> {
    const { door, topology } = this.#world;
    const { ranges } = await door.registry("topology");
    const isLeaving = ({ type, key }: KeyName) => {
      const slot = slotFor(type, key);
      return ranges.some(({ first, last, shard }) => {
        return shard === LEAVER && first <= slot && slot <= last;
      });
    };
    const [set, get, removed, ...others] = RACE_KEYS.filter(isLeaving);
    if (!set || !get || !removed) throw new Error(`${LEAVER} holds too few keys for a race.`);
    const late: DataRequest[] = [
      { kind: "set", key: set, ttlSeconds: null },
      { kind: "get", key: get },
      { kind: "delete", key: removed },
      { kind: "mget", type: RACE_TYPE, keys: others.map(({ key }) => key) },
    ];
    const held = await Promise.all(late.map(async (order) => await this.#held(order)));
    await topology.carryOut("drain", LEAVER);
    await this.#readAll();
    for (const { hold, answered } of held) {
      hold.letGo();
      await answered;
    }
    await this.#readAll();
  }

  /** Resolves when the request has its route and waits. */
  async #held(order: DataRequest): Promise<{ hold: Hold; answered: Promise<unknown> }> {
    const name = `${order.kind} ${order.kind === "mget" ? order.keys.join() : nameOf(order.key)}`;
    const hold = this.#world.points.hold(name);
    const sent = { ...UNDISTURBED, ...order, hold: name };
    const answered = this.#world.client.carryOut(sent);
    await hold.arrived;
    return { hold, answered };
  }

  async #send(order: DataRequest): Promise<void> {
    await this.#world.client.carryOut({ ...UNDISTURBED, ...order });
  }

  async #fill(): Promise<void> {
    const filling = RACE_KEYS.map((key) => this.#send({ kind: "set", key, ttlSeconds: null }));
    await Promise.all(filling);
  }

  async #readAll(): Promise<void> {
    await Promise.all(RACE_KEYS.map((key) => this.#send({ kind: "get", key })));
  }
}

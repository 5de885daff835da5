import type {
  CommitAnswer,
  MoveCommit,
  MoveInstruction,
  MoveOrder,
  MoveRegistryApi,
  MoveReport,
  MoveTargetApi,
  StandingQuestion,
  TargetStanding,
  Throttle,
} from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import type { Shard, ShardStorage } from "../shard.ts";
import { fence, openShard, START_MS, textEntry } from "../testing.ts";
import { MoveDriver } from "./driver.ts";
import type { MoveObserver } from "../../lib/move-points.ts";
import type { MovePorts, Timer } from "./ports.ts";

/** What the tests of moves share: a registry that decides as the real one does, and a clock. */

interface PlannedSlot {
  slot: number;
  fromEpoch: number;
  target: string;
  state: "waiting" | "committed" | "cleaned" | "cancelled";
}

/** One operation's rows, decided as the registry decides: what is committed or refused stays so. */
export class RegistryModel implements MoveRegistryApi {
  readonly slots = new Map<number, PlannedSlot>();
  readonly reports: MoveReport[] = [];
  readonly commits: MoveCommit[] = [];
  logTargets: string[] = [];
  isLogsDone = false;
  isPaused = false;
  readonly questions: StandingQuestion[] = [];
  /** Targets that were removed by force. */
  readonly removed = new Set<string>();
  /** Slots that their target has given on. */
  readonly movedOn = new Set<number>();
  throttle: Throttle = null;
  readonly epoch: number;
  readonly operation: string;
  /** It was cancelled while the logs went: nothing more is asked of the source. */
  isCancelled = false;
  /** Stand between the source and the answer; a throw is an answer that is lost. */
  beforeCommit: () => void = () => {};
  afterCommit: () => void = () => {};
  beforeReport: () => void = () => {};

  constructor(epoch: number, operation = "op") {
    this.epoch = epoch;
    this.operation = operation;
  }

  plan(slots: readonly number[], target: string, fromEpoch = 1): this {
    for (const slot of slots) this.slots.set(slot, { slot, fromEpoch, target, state: "waiting" });
    return this;
  }

  cancel(): void {
    for (const row of this.slots.values()) if (row.state === "waiting") row.state = "cancelled";
  }

  get states(): string[] {
    return [...this.slots.values()].map(({ state }) => state);
  }

  async nextMoves(): Promise<MoveOrder> {
    const { operation, epoch, throttle } = this;
    if (this.isCancelled) return { kind: "idle" };
    if (this.isPaused) return { kind: "wait", afterMs: 5_000 };
    const waiting = [...this.slots.values()].filter(({ state }) => state === "waiting");
    const target = waiting[0]?.target;
    if (target !== undefined) {
      const slots = waiting.filter((row) => row.target === target);
      return { kind: "move", operation, epoch, target, slots, throttle };
    }
    const isClean = this.states.every((state) => state === "cleaned" || state === "cancelled");
    if (isClean && this.logTargets.length > 0 && !this.isLogsDone) {
      return { kind: "logs", operation, targets: this.logTargets, throttle };
    }
    return { kind: "idle" };
  }

  async commitMoves(commit: MoveCommit): Promise<CommitAnswer> {
    this.beforeCommit();
    this.commits.push(commit);
    const answer: CommitAnswer = { committed: [], refused: [] };
    for (const { slot } of commit.digests) {
      const row = this.slots.get(slot);
      if (row?.state === "waiting") row.state = "committed";
      const isCommitted = row?.state === "committed" || row?.state === "cleaned";
      (isCommitted ? answer.committed : answer.refused).push(slot);
    }
    this.afterCommit();
    return answer;
  }

  async standingOf(question: StandingQuestion): Promise<TargetStanding> {
    this.questions.push(question);
    const { target, epoch, slots } = question;
    const isRegistered = !this.removed.has(target);
    const owned = slots.filter((slot) => {
      const row = this.slots.get(slot);
      const isTheirs = row?.target === target && ["committed", "cleaned"].includes(row.state);
      return isRegistered && isTheirs && epoch === this.epoch && !this.movedOn.has(slot);
    });
    return { isRegistered, owned };
  }

  async reportMoves(report: MoveReport): Promise<MoveInstruction> {
    this.beforeReport();
    this.reports.push(report);
    for (const slot of report.cleaned) {
      const row = this.slots.get(slot);
      if (row?.state === "committed") row.state = "cleaned";
    }
    if (this.isCancelled) return { kind: "stop" };
    if (report.logsDone && !this.isPaused) this.isLogsDone = true;
    const isCancelled = this.states.includes("cancelled") && report.step === "copying";
    if (isCancelled) return { kind: "stop" };
    return { kind: this.isPaused ? "hold" : "go", throttle: this.throttle };
  }
}

/** Time that passes only while somebody waits; a deadline comes only when a test says so. */
export class ModelTime {
  nowMs = START_MS;
  readonly deadlines = new Set<() => void>();
  readonly #onWait: () => unknown;

  /** `onWait` is called at the beginning of each wait. */
  constructor(onWait: () => unknown = () => {}) {
    this.#onWait = onWait;
  }

  readonly startTimer: MovePorts["startTimer"] = (): Timer => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.deadlines.add(resolve);
    return { done: promise, cancel: () => this.deadlines.delete(resolve) };
  };

  readonly wait = async (ms: number): Promise<void> => {
    this.#onWait();
    this.nowMs += ms;
    await new Promise((resolve) => setTimeout(resolve, 0));
  };

  passDeadlines(): void {
    for (const pass of this.deadlines) pass();
    this.deadlines.clear();
  }
}

export interface SourceUnderTest {
  shard: Shard;
  driver: MoveDriver;
  time: ModelTime;
}

/** Opens the source as a start of the object would, with the given world around it. */
export function openSource(
  storage: ShardStorage,
  world: {
    registry: MoveRegistryApi;
    target: (name: string) => MoveTargetApi;
    time?: ModelTime;
    logReadersMs?: number;
    observe?: MoveObserver;
    setAlarm?: (atMs: number) => void;
  },
): SourceUnderTest {
  const time = world.time ?? new ModelTime();
  // The object's own instance, which knows nothing of this world, is not to be woken by it.
  const { sql, kv } = storage;
  const transactionSync = <T>(work: () => T): T => storage.transactionSync(work);
  const setAlarm: ShardStorage["setAlarm"] = async (at) => world.setAlarm?.(Number(at));
  const silent: ShardStorage = { sql, kv, transactionSync, setAlarm };
  const shard = openShard(silent, time.nowMs, world.observe);
  const ports: MovePorts = {
    registry: () => world.registry,
    target: world.target,
    clock: () => time.nowMs,
    random: () => 0,
    startTimer: time.startTimer,
    wait: time.wait,
    logReadersMs: world.logReadersMs ?? 0,
  };
  return { shard, driver: new MoveDriver(shard.moveParts, ports, storage), time };
}

/** Drives until the shard has nothing to do, or must wait for its alarm. */
export async function drive({ driver }: SourceUnderTest): Promise<void> {
  driver.wake();
  await driver.settled();
}

/** A door on which a test may stand: each call runs through `around`, which may throw or wait. */
export function guardedDoor(
  door: MoveTargetApi,
  around: (method: keyof MoveTargetApi, call: () => Promise<unknown>) => Promise<unknown>,
): MoveTargetApi {
  return new Proxy(door, {
    get: (target, method: keyof MoveTargetApi) => {
      const work = target[method];
      return (...args: unknown[]) => around(method, () => Reflect.apply(work, target, args));
    },
  });
}

/** The epoch at which the tests' moves are committed. */
export const MOVE_EPOCH = 5;

export function fill(shard: Shard, slot: number, keys: readonly string[]): void {
  for (const key of keys) {
    shard.operations.set(fence(slot), "t", key, textEntry(`of ${key}`), START_MS);
  }
}

/** What the target serves, by key. */
export async function served(
  env: Env,
  name: string,
  slot: number,
  keys: readonly string[],
  epoch = MOVE_EPOCH,
): Promise<string[]> {
  const values: string[] = [];
  for (const key of keys) {
    const answer = await shardOf(env, name).getEntry(fence(slot, epoch), "t", key);
    const value =
      answer.kind === "hit" ? new TextDecoder().decode(answer.entry.value) : answer.kind;
    values.push(value);
  }
  return values;
}

/** What went wrong on the way; a driver catches also what a test throws at it. */
export function errorsOf(registry: RegistryModel): string[] {
  return registry.reports.map(({ error }) => error).filter((error) => error !== null);
}

export function changedKeys(storage: ShardStorage): string[] {
  const rows = storage.sql.exec<{ key: string }>("SELECT key FROM changed_keys ORDER BY key");
  return rows.toArray().map(({ key }) => key);
}

/** Every live value of the slot under that fence, by key; null where one is not served. */
export function readAll(shard: Shard, slot: number, epoch: number, keys: readonly string[]) {
  return keys.map((key) => {
    const answer = shard.operations.get(fence(slot, epoch), "t", key, START_MS);
    if (answer.kind !== "hit") return answer.kind;
    return new TextDecoder().decode(answer.entry.value);
  });
}

/** Thrown where a test ends an object. */
export class Crash extends Error {}

/**
 * Storage of an object that a test can end: from then on nothing is written or read any more by
 * whoever still holds it. What is there stays, for the next start.
 */
export class MortalStorage {
  readonly storage: ShardStorage;
  #isDead = false;

  constructor(storage: ShardStorage) {
    const check = () => {
      if (this.#isDead) throw new Crash("The object has ended.");
    };
    const sql = new Proxy(storage.sql, {
      get: (target, property) => {
        if (property === "databaseSize") return target.databaseSize;
        return (query: string, ...bindings: unknown[]) => {
          check();
          return target.exec(query, ...bindings);
        };
      },
    });
    this.storage = {
      sql,
      kv: storage.kv,
      transactionSync: (work) => {
        check();
        return storage.transactionSync(work);
      },
      setAlarm: async () => {},
    };
  }

  end(): never {
    this.#isDead = true;
    throw new Crash("The object ends here.");
  }
}

import { runInDurableObject } from "cloudflare:test";
import type { MoveTargetApi, UsageMinute } from "../../contracts.ts";
import type { shardOf } from "../shard-stub.ts";
import type { Shard } from "../shard.ts";
import { fence, openShard, START_MS } from "../testing.ts";
import {
  Crash,
  drive,
  guardedDoor,
  ModelTime,
  MortalStorage,
  openSource,
  RegistryModel,
} from "./testing.ts";

/** What the test of many hand-overs plays: shards, their storage, and whatever goes wrong. */

const SHARDS = 4;
const READERS_MS = 5;
const EVERYTHING = Number.MAX_SAFE_INTEGER;
const SETTINGS = { capacityBytes: 1_000, logRetentionDays: 365, logRowsMax: 1_000_000 };

/** `late`: messages of earlier operations arrive again, at whoever they were for. */
type Mishap = "none" | "cancel" | "crash-before" | "crash-after" | "append" | "late";
const MISHAPS: Mishap[] = ["none", "cancel", "crash-before", "crash-after", "append", "late"];

/** Marsaglia's xorshift32 ("Xorshift RNGs", 2003): the same seed, the same history. */
function dice(seed: number): (sides: number) => number {
  let state = (seed + 1) * 0x9e3779b1;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

/** One history of shards that come and go within one minute; the same seed, the same history. */
export class HandoverWorld {
  readonly history: string[] = [];
  readonly #open: (name: string) => ReturnType<typeof shardOf>;
  readonly #names: string[];
  readonly #roll: (sides: number) => number;
  readonly #active: Set<string>;
  /** Those that are asked for logs and minutes: the active ones, and drained ones for a while. */
  readonly #registered: Set<string>;
  readonly #sent: (() => Promise<unknown>)[] = [];
  #appended = 0;
  #epoch = 1;

  /** `open` gives a shard's stub. */
  constructor(seed: number, open: (name: string) => ReturnType<typeof shardOf>) {
    this.#open = open;
    this.#names = Array.from({ length: SHARDS }, (_, n) => `handover-model-${seed}-${n}`);
    this.#roll = dice(seed);
    this.#active = new Set(this.#names);
    this.#registered = new Set(this.#names);
  }

  async begin(): Promise<void> {
    for (const name of this.#names) await this.#open(name).configure({ name, ...SETTINGS });
  }

  async step(): Promise<void> {
    switch (this.#roll(5)) {
      case 0:
      case 1:
        return await this.#appendSome();
      case 2:
        return await this.#rollUp();
      case 3:
        return await this.#drain();
      default:
        return await this.#register();
    }
  }

  /** What an operator sees of the shards that the registry knows. */
  async census(): Promise<{ listed: number; minutes: UsageMinute[] }> {
    const keys = new Set<string>();
    const minutes: UsageMinute[] = [];
    for (const name of this.#registered) {
      const { logs, next } = await this.#open(name).listLogs({ limit: 1_000 });
      if (next !== null) throw new Error("There are more logs than one page holds.");
      for (const { key } of logs) keys.add(key);
      minutes.push(...(await this.#open(name).usageMinutes(0, EVERYTHING)));
    }
    return { listed: keys.size, minutes };
  }

  get appended(): number {
    return this.#appended;
  }

  async #appendSome(): Promise<void> {
    const name = this.#pick([...this.#active]);
    const count = 1 + this.#roll(3);
    this.history.push(`${count} logs at ${name}`);
    await runInDurableObject(this.#open(name), (_, { storage }) => {
      this.#append(openShard(storage), count);
    });
  }

  /** A shard that has come back got its slots at a new epoch. */
  #append(shard: Shard, count: number): void {
    this.#epoch += 1;
    for (let n = 0; n < count; n++) {
      const answer = shard.operations.get(fence(this.#roll(3), this.#epoch), "t", "k", START_MS);
      if (answer.kind !== "miss") throw new Error(`${shard.name} answered ${answer.kind}.`);
      this.#appended += 1;
    }
  }

  async #rollUp(): Promise<void> {
    const name = this.#pick(this.#names);
    this.history.push(`roll up ${name}`);
    await this.#open(name).usageMinutes(0, EVERYTHING);
  }

  async #register(): Promise<void> {
    const away = this.#names.filter((name) => !this.#active.has(name));
    if (away.length === 0) return;
    const name = this.#pick(away);
    this.history.push(`register ${name}`);
    this.#active.add(name);
    this.#registered.add(name);
  }

  async #drain(): Promise<void> {
    if (this.#active.size < 2) return;
    const name = this.#pick([...this.#active]);
    const others = [...this.#active].filter((other) => other !== name);
    const targets = others.filter(() => this.#roll(2) === 0);
    const registry = new RegistryModel(5, `drain-${this.history.length}`);
    registry.logTargets = targets.length > 0 ? targets : others;
    const mishap = this.#pick(MISHAPS);
    const at = this.#roll(6);
    const takers = registry.logTargets.join(", ");
    this.history.push(`drain ${name} to ${takers}; ${mishap} at message ${at}`);
    await this.#handOver(name, registry, mishap, at);
    // Whatever a mishap has left is gone on with, as the alarm does.
    await this.#handOver(name, registry, "none", 0);
    if (registry.isCancelled) return;
    if (!registry.isLogsDone) throw new Error(`${name} did not hand over its logs.`);
    this.#active.delete(name);
    if (this.#roll(2) > 0) return;
    this.history.push(`deregister ${name}`);
    this.#registered.delete(name);
  }

  async #handOver(name: string, registry: RegistryModel, mishap: Mishap, at: number) {
    await runInDurableObject(this.#open(name), async (_, { storage }) => {
      const mortal = new MortalStorage(storage);
      let messages = 0;
      const time = new ModelTime();
      const world = { registry, time, logReadersMs: READERS_MS, target: (to: string) => door(to) };
      const source = openSource(mortal.storage, world);
      const door = (to: string): MoveTargetApi =>
        guardedDoor(this.#open(to), async (_method, call) => {
          const isNow = messages === at;
          messages += 1;
          this.#sent.push(call);
          if (isNow && mishap === "crash-before") mortal.end();
          const answer = await call();
          if (isNow && mishap === "crash-after") mortal.end();
          if (isNow && mishap === "cancel") registry.isCancelled = true;
          if (isNow && mishap === "late") for (const send of this.#sent) await send();
          if (isNow && mishap === "append") this.#append(source.shard, 1);
          return answer;
        });
      await drive(source).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
    });
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#roll(items.length)];
    if (item === undefined) throw new Error("There is nothing to pick from.");
    return item;
  }
}

import { between, type Random } from "../../load/random.ts";
import type { Workerd } from "../server/workerd.ts";
import type { ObjectName, PointNotice, PointOrder } from "../worker/protocol.ts";
import { nowMs, pause } from "./clock.ts";
import type { Door } from "./door.ts";

/** At this point it happens in so large a part of the times. */
export interface Aim {
  point: string;
  fault: FaultKind | "delay";
  share: number;
}

export interface FaultOptions {
  /** Aborts of random objects, and how long at most between two of them. */
  abortEveryMs: number | null;
  /** The same for evictions, which let an object finish first: nothing may fail by them. */
  evictEveryMs: number | null;
  /** Part of the points at which something fails. */
  pointShare: number;
  /** Part of the points at which the message is held up for a while. */
  delayShare: number;
  /** Points that are worth more than the others. */
  aims: readonly Aim[];
  /** `kill -9` of the whole process, and how long at most between two. */
  killEveryMs: number | null;
}

export const NO_FAULTS: FaultOptions = {
  abortEveryMs: null,
  evictEveryMs: null,
  pointShare: 0,
  delayShare: 0,
  aims: [],
  killEveryMs: null,
};

export const FAULT_KINDS = [
  "abort-self",
  "abort-source",
  "abort-others",
  "abort-registry",
  "fail",
  "kill",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Less than a slot may be frozen, so that a delay alone does not end an attempt. */
const DELAY_MS_MAX = 400;

/** Lets objects fail, one at a time or all at once, and remembers when. */
export class Faults {
  /** Moments at which something under way may have been lost or done twice. */
  readonly atMs: number[] = [];
  readonly counts = new Map<string, number>();
  /** Times that a fault at a point was carried out, whomever it is to hit and however many. */
  carriedOut = 0;
  /** While workerd is down or coming up; clients wait for it. */
  ready: Promise<void> = Promise.resolve();
  readonly #names: readonly string[];
  readonly #door: Door;
  readonly #workerd: Workerd;

  /** @param names of all shards */
  constructor(door: Door, workerd: Workerd, names: readonly string[]) {
    this.#names = names;
    this.#door = door;
    this.#workerd = workerd;
  }

  /** Until `goesOn` says no. */
  async runWhile(goesOn: () => boolean, options: FaultOptions, random: Random): Promise<void> {
    const anyone = (): ObjectName => {
      const name = this.#names[Math.floor(random() * this.#names.length)] ?? "";
      return random() < 0.25 ? { object: "registry" } : { object: "shard", name };
    };
    const every = async (ms: number | null, fault: () => Promise<void>) => {
      if (ms === null) return;
      for (;;) {
        await pause(between(random, ms / 4, ms));
        if (!goesOn()) return;
        await fault();
      }
    };
    await Promise.all([
      every(options.abortEveryMs, async () => void (await this.abort(anyone()))),
      every(options.evictEveryMs, async () => await this.#evict(anyone())),
      every(options.killEveryMs, async () => await this.kill()),
    ]);
  }

  /** True: the object has ended. */
  async abort(target: ObjectName): Promise<boolean> {
    this.#note(`abort ${target.object}`);
    const hasEnded = await this.#door.abort(target);
    this.atMs.push(nowMs());
    return hasEnded;
  }

  /** An armed object ends itself without a word; the harness asks afterwards. */
  async askArmed(): Promise<void> {
    for (const { atMs } of await this.#door.armedEnds()) {
      this.atMs.push(atMs - performance.timeOrigin);
      this.#count("abort at a step");
      this.carriedOut += 1;
    }
  }

  /** No fault that anybody may notice, so no request is forgiven for it. */
  async #evict(target: ObjectName): Promise<void> {
    const outcome = await this.#door.evict(target);
    this.#count(`${target.object} ${outcome === "failed" ? "not evicted" : outcome}`);
  }

  async kill(): Promise<void> {
    this.#note("kill -9");
    this.ready = this.#workerd.killAndStart();
    await this.ready;
    this.atMs.push(nowMs());
  }

  /** Drawn for each point of a move: nothing, a delay, or one of the faults. */
  async draw(notice: PointNotice, options: FaultOptions, random: Random): Promise<PointOrder> {
    const aim = options.aims.find(({ point, share }) => point === notice.point && random() < share);
    if (aim !== undefined) {
      return aim.fault === "delay" ? await this.#delay(random) : await this.at(notice, aim.fault);
    }
    const drawn = random();
    if (drawn < options.pointShare) {
      const kinds = FAULT_KINDS.filter((kind) => kind !== "kill" || options.killEveryMs !== null);
      return await this.at(notice, kinds[Math.floor(random() * kinds.length)] ?? "fail");
    }
    return drawn < options.pointShare + options.delayShare ? await this.#delay(random) : "go";
  }

  async #delay(random: Random): Promise<PointOrder> {
    this.#count("message delayed");
    await pause(between(random, 1, DELAY_MS_MAX));
    return "go";
  }

  /** What the object that asks is to do; everybody else it has happened to by then. */
  async at(notice: PointNotice, kind: FaultKind): Promise<PointOrder> {
    switch (kind) {
      case "abort-self":
        this.#note(`abort ${notice.self.object} at a point`);
        // It waits for the answer and does what it says.
        this.carriedOut += 1;
        return "abort";
      case "abort-source":
        if (notice.source !== null) await this.#abortAll([shardNamed(notice.source)]);
        return "go";
      case "abort-others": {
        // The targets, where a message to the registry does not name them.
        const others = this.#names.filter((name) => name !== notice.source);
        await this.#abortAll(others.map(shardNamed));
        return "go";
      }
      case "abort-registry":
        await this.#abortAll([{ object: "registry" }]);
        return "go";
      case "fail":
        this.#note("message lost");
        this.carriedOut += 1;
        return "fail";
      case "kill":
        await this.kill();
        this.carriedOut += 1;
        return "go";
      default:
        return kind satisfies never;
    }
  }

  async #abortAll(targets: readonly ObjectName[]): Promise<void> {
    let haveEnded = true;
    for (const target of targets) {
      const hasEnded = await this.abort(target);
      haveEnded &&= hasEnded;
    }
    if (haveEnded) this.carriedOut += 1;
  }

  #note(what: string): void {
    this.atMs.push(nowMs());
    this.#count(what);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

const shardNamed = (name: string): ObjectName => ({ object: "shard", name });

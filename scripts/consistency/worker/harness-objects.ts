import type { MoveRegistryApi, MoveTargetApi } from "../../../workers/contracts.ts";
import { ShardRegistry } from "../../../workers/registry/registry-object.ts";
import type { MoveObserver } from "../../../workers/lib/move-points.ts";
import { CacheShard } from "../../../workers/shard/shard-object.ts";
import type { HarnessEnv } from "./harness-env.ts";
import {
  ABORT_REASON,
  type Census,
  type CensusEntry,
  type LogHandover,
  type ObjectName,
  POINT_URL,
  type PointNotice,
  type PointOrder,
  type Timeline,
} from "./protocol.ts";
import { handoversOf } from "./handovers.ts";
import { Watch } from "./watch.ts";

/** Every message by which a move goes on, at the party that gets it. */
const SHARD_MESSAGES = [
  "stage",
  "seal",
  "discard",
  "adoptSlots",
  "acceptLogs",
  "acceptMinutes",
  "wake",
  "alarm",
] as const satisfies (keyof MoveTargetApi | "wake" | "alarm")[];
const REGISTRY_MESSAGES = [
  "nextMoves",
  "reportMoves",
  "commitMoves",
  "standingOf",
  "alarm",
] as const satisfies (keyof MoveRegistryApi | "alarm")[];

interface Harnessed {
  ask(notice: Omit<PointNotice, "self">): Promise<void>;
  /** Waits until what was written so far is on disk. */
  written(): Promise<void>;
}

/** The shard itself, which stops at each message of a move and can be looked into and aborted. */
export class HarnessShard extends CacheShard implements Harnessed {
  readonly #watch = new Watch();

  protected override moveObserver(): MoveObserver {
    return (point) => observe(this.#watch, this.ctx, this.env, point, this.#self);
  }

  arm(point: string): void {
    this.#watch.arm(point);
  }

  timeline(): Timeline {
    return this.#watch.take();
  }

  abort(): void {
    this.ctx.abort(`${ABORT_REASON} this shard.`);
  }

  census(): Census {
    const { sql } = this.ctx.storage;
    const entries = sql.exec<{ slot: number; type: string; key: string }>(
      "SELECT slot, type, key FROM entries",
    );
    const rows = entries.toArray().map(({ slot, type, key }): CensusEntry => ({ slot, type, key }));
    const logs = sql.exec<{ key: string }>(LOG_KEYS).toArray();
    return { entries: rows, logs: logs.map(({ key }) => key) };
  }

  async ask(notice: Omit<PointNotice, "self">): Promise<void> {
    await askAt(this.env, this.ctx, { ...notice, self: this.#self });
  }

  async written(): Promise<void> {
    await this.ctx.storage.sync();
  }

  get #self(): ObjectName {
    return { object: "shard", name: this.ctx.id.name ?? "" };
  }
}

const LOG_KEYS = "SELECT key FROM usage_logs UNION ALL SELECT key FROM adopted_logs";

/** The registry itself, with the same points at the messages that sources send it. */
export class HarnessRegistry extends ShardRegistry implements Harnessed {
  readonly #watch = new Watch();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.crashObserver = (point) => observe(this.#watch, ctx, env, point, { object: "registry" });
  }

  arm(point: string): void {
    this.#watch.arm(point);
  }

  timeline(): Timeline {
    return this.#watch.take();
  }

  abort(): void {
    this.ctx.abort(`${ABORT_REASON} the registry.`);
  }

  /** In the order of their operations. */
  handovers(): LogHandover[] {
    return handoversOf(this.ctx.storage.sql);
  }

  async ask(notice: Omit<PointNotice, "self">): Promise<void> {
    await askAt(this.env, this.ctx, { ...notice, self: { object: "registry" } });
  }

  async written(): Promise<void> {
    await this.ctx.storage.sync();
  }
}

for (const message of SHARD_MESSAGES) addPoints(HarnessShard.prototype, message);
for (const message of REGISTRY_MESSAGES) addPoints(HarnessRegistry.prototype, message);

async function askAt(env: Env, ctx: DurableObjectState, notice: PointNotice): Promise<void> {
  if (!isHarnessEnv(env)) throw new Error("These objects run in the harness's Worker alone.");
  if (!isAsked(env, notice.point)) return;
  const response = await env.HARNESS.fetch(POINT_URL, {
    method: "POST",
    body: JSON.stringify(notice),
  });
  const order: PointOrder = await response.json();
  if (order === "abort") ctx.abort(`${ABORT_REASON} at ${notice.point}.`);
  if (order === "fail") throw new Error(`The harness loses ${notice.point}.`);
}

/**
 * At a named step inside an object nothing can wait: an armed one ends the object there and then,
 * and the harness is told, so that it may kill the process a moment later.
 */
function observe(
  watch: Watch,
  ctx: DurableObjectState,
  env: Env,
  point: string,
  self: ObjectName,
): void {
  if (watch.reaches(point)) ctx.abort(`${ABORT_REASON} at ${point}.`);
  if (!isHarnessEnv(env) || !isAsked(env, point)) return;
  const notice: PointNotice = { point, self, source: null, target: null, slots: [] };
  const told = env.HARNESS.fetch(POINT_URL, { method: "POST", body: JSON.stringify(notice) });
  ctx.waitUntil(told.catch(() => null));
}

const isAsked = ({ HARNESS_POINTS: points }: HarnessEnv, point: string): boolean =>
  points === "all" || points === point;

const isHarnessEnv = (env: Env): env is HarnessEnv => "HARNESS" in env;

/** A method that asks before it begins and, when what it did is written, before it answers. */
function addPoints(prototype: Harnessed, message: string): void {
  const method: unknown = Reflect.get(prototype, message);
  if (typeof method !== "function") throw new Error(`There is no message ${message} any more.`);
  Object.defineProperty(prototype, message, {
    async value(this: Harnessed, ...args: unknown[]) {
      const parties = { ...partiesOf(args[0]), slots: slotsOf(args) };
      const name = `${message}${stepOf(args[0])}`;
      await this.ask({ point: `${name}.before`, ...parties });
      const answer: unknown = await Reflect.apply(method, this, args);
      await this.written();
      await this.ask({ point: `${name}.after`, ...parties });
      return answer;
    },
  });
}

/** Whom the first argument names: a stream its source, a report or a commit its shard. */
function partiesOf(argument: unknown): { source: string | null; target: string | null } {
  if (typeof argument === "string") return { source: argument, target: null };
  return { source: memberOf(argument, "source") ?? memberOf(argument, "shard"), target: null };
}

/** A first chunk lists its slots, a commit a digest of each. */
function slotsOf(args: readonly unknown[]): number[] {
  return args.flatMap((argument) => {
    if (typeof argument !== "object" || argument === null) return [];
    const chunk: unknown = Reflect.get(argument, "slots");
    const digests: unknown = Reflect.get(argument, "digests");
    const listed: unknown[] = [chunk, digests].filter((each) => Array.isArray(each)).flat();
    return listed.flatMap((each) => {
      const isDigest = typeof each === "object" && each !== null;
      const slot: unknown = isDigest ? Reflect.get(each, "slot") : each;
      return typeof slot === "number" ? [slot] : [];
    });
  });
}

/** A report is a point of its own for each step that it tells. */
function stepOf(argument: unknown): string {
  const step = memberOf(argument, "step");
  return step === null ? "" : `:${step}`;
}

function memberOf(argument: unknown, member: string): string | null {
  if (typeof argument !== "object" || argument === null) return null;
  const value: unknown = Reflect.get(argument, member);
  return typeof value === "string" ? value : null;
}

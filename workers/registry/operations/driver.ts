import { isWaiting, MINUTE_MS, SECOND_MS } from "../../lib/clock.ts";
import { findOperation, runningOperation, type StoredOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { sentence } from "../sentence.ts";
import type { ShardPorts } from "./measure.ts";
import { isOver, sourcesNow } from "./progress.ts";
import { findRemoval } from "./removal-store.ts";
import { hasWorkLeft, nextStallMs } from "./stall.ts";

/**
 * Keeps an operation going. The sources do the work, by themselves; the registry only wakes them,
 * at first and then every few seconds, so that a lost call or a source that lost its memory does no
 * harm.
 */

export const WAKE_EVERY_MS = 5 * SECOND_MS;

/** After failures the alarm comes ever later, up to this. */
const FAILED_WAIT_MS_MAX = MINUTE_MS;

/** An alarm this late is not coming: the platform gives one up after six failures. */
const OVERDUE_MS = 6 * WAKE_EVERY_MS;

/** Whoever starts an operation waits so long for its end; then it goes on without them. */
export const START_WAIT_MS_MAX = 1_500;

export interface DriverPorts extends Pick<ShardPorts, "wake" | "retire"> {
  setAlarm(atMs: number): Promise<void>;
  /** Goes on beside the answer; never rejects. */
  beside(work: Promise<void>): void;
  after(ms: number, work: () => void): void;
}

export class Driver {
  readonly #state: RegistryState;
  readonly #ports: DriverPorts;
  #waiters = new Set<() => void>();
  /** When the alarm comes, as far as this start of the object knows. */
  #alarmAtMs: number | null = null;
  /** Alarms in a row at which something has thrown. */
  #failures = 0;

  constructor(state: RegistryState, ports: DriverPorts) {
    this.#state = state;
    this.#ports = ports;
  }

  /** Something has begun, or goes on: the sources are told, and the alarm looks after them. */
  async go(): Promise<void> {
    if (runningOperation(this.#state.sql) === null) return;
    this.nudge();
    await this.arm();
  }

  nudge(): void {
    if (runningOperation(this.#state.sql)?.state === "running") this.wakeAll(this.sources());
  }

  /** Who has work left in the operation that runs or is paused. */
  sources(): string[] {
    const operation = runningOperation(this.#state.sql);
    if (operation === null) return [];
    const sources = sourcesNow(this.#state, operation.seq).filter(hasWorkLeft);
    return sources.map((source) => source.source);
  }

  /** Who cannot be woken is shown as the cause, and woken again later. */
  wakeAll(sources: readonly string[]): void {
    for (const source of sources) this.#ports.beside(this.#wake(source));
  }

  async #wake(source: string): Promise<void> {
    const calledAtMs = this.#state.nowMs;
    try {
      await this.#ports.wake(source);
    } catch (error) {
      this.#state.flights.couldNotWake(source, sentence(error), calledAtMs);
    }
  }

  /**
   * A shard that is none any more asks what to do: it was removed while it could not be reached, and
   * is closed now, by which it drops what it held. It may be told any number of times; the next
   * time that it asks, should it not hear it.
   */
  closeGone(shard: string): void {
    const { epoch } = this.#state.world;
    this.#ports.beside(this.#ports.retire(shard, epoch).catch(() => {}));
  }

  /**
   * Also goes on with what the end of the object has interrupted. Whatever throws is told, and the
   * alarm comes again: should it throw itself, the platform tries six times more and gives it up.
   */
  async alarm(goOn: () => Promise<void>): Promise<void> {
    this.#alarmAtMs = null;
    const hasGoneOn = await this.attempt(goOn);
    const hasLooked = await this.attempt(() => this.#look());
    this.#failures = hasGoneOn && hasLooked ? 0 : this.#failures + 1;
    if (await this.attempt(() => this.arm())) return;
    // Not even what runs can be read. There may be something to look after, so it is not let go.
    this.#alarmAtMs = this.#state.nowMs + this.#waitMs(Math.max(1, this.#failures));
    await this.#ports.setAlarm(this.#alarmAtMs);
  }

  /** Never rejects: false, and an operator can read why, where it threw. */
  async attempt(work: () => Promise<void> | void): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    }
  }

  #tell(error: unknown): void {
    try {
      this.#state.tellFailure("registry.alarm", `The registry's alarm failed: ${sentence(error)}`);
    } catch {
      // Storage itself fails, so there is nowhere to write it: whoever calls is told so. The next
      // alarm that finds storage well again tells what fails then.
    }
  }

  #look(): void {
    this.nudge();
    if (runningOperation(this.#state.sql) !== null) this.#state.observer.changed("operation");
  }

  #waitMs(failures: number): number {
    return Math.min(WAKE_EVERY_MS * 2 ** failures, FAILED_WAIT_MS_MAX);
  }

  /** Also in time to tell that nothing has happened for too long. */
  async arm(): Promise<void> {
    const { sql, nowMs } = this.#state;
    const operation = runningOperation(sql);
    if (operation === null && findRemoval(sql) === null) return;
    const nextMs = nowMs + this.#waitMs(this.#failures);
    const stallsAtMs = operation === null ? null : this.#nextStallMs(operation);
    const atMs = Math.min(nextMs, stallsAtMs ?? nextMs);
    this.#alarmAtMs = atMs;
    await this.#ports.setAlarm(atMs);
  }

  #nextStallMs(operation: StoredOperation): number | null {
    const state = this.#state;
    return nextStallMs(operation, sourcesNow(state, operation.seq), state.nowMs);
  }

  /** Whoever hears of a source looks whether the alarm still comes. */
  async keepArmed(): Promise<void> {
    const { sql, nowMs } = this.#state;
    const lateMs = (this.#alarmAtMs ?? -Infinity) + OVERDUE_MS;
    if (isWaiting(lateMs, FAILED_WAIT_MS_MAX + OVERDUE_MS, nowMs)) return;
    if (runningOperation(sql) !== null) await this.arm();
  }

  ended(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter();
  }

  /** Until the operation has ended, at most START_WAIT_MS_MAX. */
  async waitForEnd(id: string): Promise<void> {
    let isLate = false;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    this.#ports.after(START_WAIT_MS_MAX, () => {
      isLate = true;
      resolve();
    });
    for (;;) {
      const operation = findOperation(this.#state.sql, id);
      if (isLate || operation === null || isOver(operation)) return;
      const ended = new Promise<void>((done) => this.#waiters.add(done));
      await Promise.race([ended, late]);
    }
  }
}

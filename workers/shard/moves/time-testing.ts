import type { MoveTargetApi } from "../../contracts.ts";
import type { ShardStorage } from "../shard.ts";
import { digestSlots } from "./moved-rows.ts";
import type { Timer } from "./ports.ts";
import { ModelTime } from "./testing.ts";

/** What the tests share of how long things take. */

/** Turns of the event loop after which whatever can go on without time has gone on. */
const TURNS = 12;

interface Due {
  atMs: number;
  pass: () => void;
}

/**
 * Time that goes from one deadline or wait to the next, and only while a test lets it pass: what
 * happens beside each other comes in its order. Calls of another object take longer than `TURNS`,
 * so the shards around a source are to be objects of the test's own.
 */
export class VirtualTime extends ModelTime {
  readonly #due = new Set<Due>();

  override readonly startTimer = (ms: number): Timer => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const due = { atMs: this.nowMs + ms, pass: resolve };
    this.#due.add(due);
    return { done: promise, cancel: () => this.#due.delete(due) };
  };

  override readonly wait = async (ms: number): Promise<void> => {
    await this.startTimer(ms).done;
  };

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await new Promise((next) => setTimeout(next, 0));
      const [first] = [...this.#due].toSorted((a, b) => a.atMs - b.atMs);
      if (first === undefined || first.atMs > untilMs) break;
      this.#due.delete(first);
      this.nowMs = Math.max(this.nowMs, first.atMs);
      first.pass();
    }
    this.nowMs = untilMs;
  }
}

/** The answer of whoever is silent. */
export const never = async (): Promise<never> => await new Promise(() => {});

/** A target in the source's own object, which holds what the source holds. */
export function perfectTarget(storage: ShardStorage): MoveTargetApi {
  let slots: number[] = [];
  return {
    stage: async (_stream, chunk) => {
      if (chunk.chunk === 0) slots = chunk.slots;
      return { kind: "staged" };
    },
    seal: async () => ({ kind: "sealed", digests: digestSlots(storage.sql, slots) }),
    discard: async () => {},
    adoptSlots: async () => {},
    acceptLogs: async () => {},
    acceptMinutes: async () => {},
  };
}

import type { MoveOrder, UsageLog } from "../../contracts.ts";
import { catchUp, ROLLUP_BATCH_ROWS, rollUpBatch } from "../rollups.ts";
import { LOG_ROWS, TARGET_CALL_MS_MAX } from "./bounds.ts";
import type { HandoverBatch, HandoverState } from "./log-handover.ts";
import type { MoveParts } from "./ports.ts";
import type { Doing, MoveTalk } from "./talk.ts";

export type LogsOrder = Extract<MoveOrder, { kind: "logs" }>;

type Storage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

/** What a target could not do, as an operator reads it. */
const TAKE_LOGS = "take usage logs";

/** The operation was paused before everything was copied; the cursor is kept. */
const HELD = "held";

/** Brings a drained shard's logs and minutes to others, and removes them here. */
export class LogMover {
  readonly #parts: MoveParts;
  readonly #talk: MoveTalk;
  readonly #storage: Storage;

  constructor(parts: MoveParts, talk: MoveTalk, storage: Storage) {
    this.#parts = parts;
    this.#talk = talk;
    this.#storage = storage;
  }

  /**
   * 0 when all is gone and told, and where the operation is paused: the registry says what comes
   * next. Else how long readers still have. With the next order it goes on where it stood.
   */
  async run(order: LogsOrder): Promise<number> {
    const { handover, observe } = this.#parts;
    this.#talk.setThrottle(order.throttle);
    let state = handover.open(order.operation);
    if (state.copiedAtMs === null) {
      await this.#catchUp();
      const copied = await this.#copy(order, state);
      if (copied === HELD) return 0;
      state = copied;
      observe("source:logs-copied");
    }
    const waitMs = this.#readersLeftMs(state);
    if (waitMs > 0) {
      await this.#talk.report({ ...this.#doing(state, 0), logsCopied: true });
      return waitMs;
    }
    while (!handover.removeSome(state, LOG_ROWS)) {
      await this.#talk.wait(0);
      const copied = { ...this.#doing(state, 0), logsCopied: true };
      if ((await this.#talk.checkIn(copied)) === "hold") return 0;
    }
    observe("source:logs-deleted");
    const done = { ...this.#doing(state, 0), logsCopied: true, logsDone: true };
    const leave = await this.#talk.report(done);
    // An operation that is paused has not taken it in; it is told again.
    if (leave === "go") handover.forget();
    return 0;
  }

  /** Every log is in a minute before the first minute goes. */
  async #catchUp(): Promise<void> {
    catchUp(this.#storage);
    while (rollUpBatch(this.#storage) >= ROLLUP_BATCH_ROWS) await this.#talk.wait(0);
  }

  async #copy(order: LogsOrder, from: HandoverState): Promise<HandoverState | typeof HELD> {
    const { handover } = this.#parts;
    const total = from.moved + handover.logsHere;
    let state = from;
    for (;;) {
      const left = Math.max(0, Math.min(total, handover.logsHere) - state.moved);
      if ((await this.#talk.pace(this.#doing(state, left))) === "hold") return HELD;
      const batch = handover.next(state, this.#talk.rowsMax(LOG_ROWS));
      if (batch === null) {
        await this.#sendCut(order.targets);
        return handover.markCopied(state, this.#talk.ports.clock());
      }
      await this.#send(order.targets, batch);
      handover.acknowledge(state, batch);
      state = batch.state;
      // Requests come between the messages; see `MoveDriver` for why it takes a timer.
      await this.#talk.wait(0);
    }
  }

  async #send(targets: readonly string[], batch: HandoverBatch): Promise<void> {
    if (batch.kind === "minutes") {
      this.#talk.charge(batch.minutes.length);
      const name = targetAt(targets, 0);
      const call = this.#talk.ports.target(name).acceptMinutes(batch.minutes);
      await this.#talk.within(TARGET_CALL_MS_MAX, name, "take counts per minute", call);
      return;
    }
    this.#talk.charge(batch.logs.length);
    const calls = [...byTarget(targets, batch.logs)].map(([name, logs]) => {
      const call = this.#talk.ports.target(name).acceptLogs(logs);
      return this.#talk.within(TARGET_CALL_MS_MAX, name, TAKE_LOGS, call);
    });
    await Promise.all(calls);
  }

  /** Any of them may be asked for logs that retention has removed here, so all are told. */
  async #sendCut(targets: readonly string[]): Promise<void> {
    const { cutMs } = this.#parts.handover;
    if (cutMs === null) return;
    const calls = [...new Set(targets)].map((name) => {
      const call = this.#talk.ports.target(name).acceptLogs([], cutMs);
      return this.#talk.within(TARGET_CALL_MS_MAX, name, TAKE_LOGS, call);
    });
    await Promise.all(calls);
  }

  /** Where no log was copied none is removed either, and no reader can miss one. */
  #readersLeftMs({ copiedAtMs, moved }: HandoverState): number {
    if (moved === 0) return 0;
    const { clock, logReadersMs } = this.#talk.ports;
    const leftMs = (copiedAtMs ?? clock()) + logReadersMs - clock();
    // A clock that was ahead when the copy ended does not make anyone wait for longer.
    return Math.min(Math.max(leftMs, 0), logReadersMs);
  }

  #doing({ operation, moved }: HandoverState, left: number): Doing {
    return { operation, step: "logs", slots: [], logs: { moved, left } };
  }
}

function byTarget(targets: readonly string[], logs: readonly UsageLog[]): Map<string, UsageLog[]> {
  const groups = new Map<string, UsageLog[]>();
  for (const log of logs) {
    const name = targetAt(targets, log.slot);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [log]);
    else group.push(log);
  }
  return groups;
}

function targetAt(targets: readonly string[], slot: number): string {
  const name = targets[slot % targets.length];
  if (name === undefined) throw new Error("The registry named no shard that takes the logs.");
  return name;
}

import type { MoveInstruction, MoveReport, MoveStep, Throttle } from "../../contracts.ts";
import { REGISTRY_CALL_MS_MAX, REPORT_EVERY_MS } from "./bounds.ts";
import { Pacer } from "./pacer.ts";
import type { MoveParts, MovePorts } from "./ports.ts";

/** An error that says by itself, to an operator, who failed at what. */
export class ToldError extends Error {}

/** The registry said `stop`: the operation was cancelled. No failure. */
export class Stopped extends ToldError {}

/** Whether something new may be begun. */
export type Leave = Exclude<MoveInstruction["kind"], "stop">;

/** What a report is about; the rest of it is filled in. */
export interface Doing {
  operation: string;
  step: MoveStep;
  slots: readonly number[];
  entries?: number;
  bytes?: number;
  cleaned?: number[];
  logs?: { moved: number; left: number };
  logsCopied?: boolean;
  logsDone?: boolean;
}

const ERROR_LENGTH_MAX = 300;

interface Noted {
  error: string;
  /** What it went wrong with. */
  about: Doing;
}

/** How the source speaks with the others: every call bounded, progress told, the throttle obeyed. */
export class MoveTalk {
  readonly ports: MovePorts;
  readonly #parts: Pick<MoveParts, "name" | "handover">;
  readonly #pacer = new Pacer();
  #reportedAtMs = 0;
  #noted: Noted | null = null;
  /** A report that is on its way beside whatever goes on. */
  #telling: Promise<boolean> | null = null;

  constructor(ports: MovePorts, parts: Pick<MoveParts, "name" | "handover">) {
    this.ports = ports;
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name();
  }

  /**
   * The call's outcome; where it fails, or takes longer than `ms`, a throw that names `who` and what
   * they were to do (`task`, as it goes with "could not"). A call that is late goes on by itself: it
   * must be repeatable.
   */
  async within<T>(ms: number, who: string, task: string, call: Promise<T>): Promise<T> {
    const timer = this.ports.startTimer(ms);
    const late = timer.done.then((): never => {
      throw new ToldError(`${who} did not ${task} within ${ms} ms`);
    });
    try {
      return await Promise.race([named(who, task, call), late]);
    } finally {
      timer.cancel();
    }
  }

  async wait(ms: number): Promise<void> {
    await this.ports.wait(ms);
  }

  /** Remembers what went wrong for the next report of the same slots. */
  note(error: unknown, about: Doing): void {
    this.#noted = { error: textOf(error).slice(0, ERROR_LENGTH_MAX), about };
  }

  /** Throws `Stopped` where the registry says so; `hold`: the operation is paused. */
  async report(doing: Doing): Promise<Leave> {
    const noted = concerns(this.#noted, doing) ? this.#noted : null;
    const report: MoveReport = {
      shard: this.name,
      operation: doing.operation,
      step: doing.step,
      slots: doing.slots.length,
      slot: doing.slots[0] ?? null,
      entriesInFlight: doing.entries ?? 0,
      bytesInFlight: doing.bytes ?? 0,
      cleaned: doing.cleaned ?? [],
      logs: doing.logs ?? null,
      ...(doing.step === "logs" ? {} : { logsHere: this.#parts.handover.logsHere }),
      logsCopied: doing.logsCopied ?? false,
      logsDone: doing.logsDone ?? false,
      error: noted?.error ?? null,
    };
    this.#reportedAtMs = this.ports.clock();
    const call = this.ports.registry().reportMoves(report);
    const answer = await this.within(REGISTRY_CALL_MS_MAX, "The registry", "take a report", call);
    if (this.#noted === noted) this.#noted = null;
    if (answer.kind === "stop") throw new Stopped("The operation was cancelled.");
    this.setThrottle(answer.throttle);
    return answer.kind;
  }

  /** Tells where it stands, if it has not done so for a while. */
  async checkIn(doing: Doing): Promise<Leave> {
    const nowMs = this.ports.clock();
    const isDue = nowMs >= this.#reportedAtMs + REPORT_EVERY_MS || nowMs < this.#reportedAtMs;
    return isDue ? await this.report(doing) : "go";
  }

  /**
   * Reports beside whatever goes on, one report at a time; never throws. True: the operation was
   * cancelled. What went wrong is told by the next report where this one fails.
   */
  async tell(doing: Doing): Promise<boolean> {
    this.#telling ??= this.#tell(doing);
    return await this.#telling;
  }

  async #tell(doing: Doing): Promise<boolean> {
    try {
      await this.report(doing);
      return false;
    } catch (error) {
      return error instanceof Stopped;
    } finally {
      this.#telling = null;
    }
  }

  /** The call's outcome; for as long as it takes, tells again and again where it stands. */
  async tellDuring<T>(everyMs: number, doing: Doing, call: Promise<T>): Promise<T> {
    let timer = this.ports.startTimer(everyMs);
    let isOver = false;
    const goOn = async () => {
      for (;;) {
        await timer.done;
        if (isOver) return;
        void this.tell(doing);
        timer = this.ports.startTimer(everyMs);
      }
    };
    void goOn();
    try {
      return await call;
    } finally {
      isOver = true;
      timer.cancel();
    }
  }

  setThrottle(throttle: Throttle): void {
    this.#pacer.setThrottle(throttle, this.ports.clock());
  }

  rowsMax(rows: number): number {
    return this.#pacer.rowsMax(rows);
  }

  /**
   * Waits until the throttle lets the next message go, and tells where it stands meanwhile. `hold`:
   * the operation is paused; whoever is in the middle of a batch goes on all the same.
   */
  async pace(doing: Doing): Promise<Leave> {
    let leave: Leave = "go";
    for (;;) {
      if ((await this.checkIn(doing)) === "hold") leave = "hold";
      const waitMs = this.#pacer.waitMs(this.ports.clock());
      if (waitMs === 0) return leave;
      await this.wait(Math.min(waitMs, REPORT_EVERY_MS));
    }
  }

  charge(rows: number): void {
    this.#pacer.charge(rows);
  }
}

/** A batch that is begun again may have lost slots at its end, but begins with the same one. */
function concerns(noted: Noted | null, { operation, slots }: Doing): boolean {
  if (noted?.about.operation !== operation) return false;
  const [first] = noted.about.slots;
  return first === undefined ? slots.length === 0 : slots.includes(first);
}

/** The call's outcome, or a throw that names who could not do what, and why. */
export async function named<T>(who: string, task: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ToldError) throw error;
    throw new ToldError(`${who} could not ${task}: ${textOf(error)}`, { cause: error });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

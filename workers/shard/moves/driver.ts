import type { MoveOrder } from "../../contracts.ts";
import { backoffMs } from "./backoff.ts";
import { BatchMover, BatchVoid } from "./batch-mover.ts";
import {
  ALARM_EVERY_MS,
  CLEANER_RETRY_MS_MAX,
  CLOSED_RETRY_MS_MAX,
  CLOSED_RETRY_MS_MIN,
  COMMIT_CALL_MS_MAX,
  REGISTRY_CALL_MS_MAX,
  REST_MS_MAX,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
  WAIT_IN_MEMORY_MS_MAX,
} from "./bounds.ts";
import { CleanUp } from "./clean-up.ts";
import { LogMover } from "./log-mover.ts";
import { Outgoing, type SlotsOrder } from "./outgoing.ts";
import type { MoveParts, MovePorts } from "./ports.ts";
import { type Doing, MoveTalk, Stopped } from "./talk.ts";

/**
 * What comes after a turn: the next one after a wait, or once `sooner` has come about, or nothing
 * until somebody wakes the shard.
 */
type After = { kind: "again"; waitMs: number; sooner?: Promise<void> } | { kind: "rest" };

const AGAIN: After = { kind: "again", waitMs: 0 };

/**
 * The source's side of all moves: it asks the registry what to do, does it, and asks again. One
 * drive at a time; whatever fails is told, and tried again for as long as the registry wants it.
 */
export class MoveDriver {
  readonly outgoing: Outgoing;
  readonly #parts: MoveParts;
  readonly #talk: MoveTalk;
  readonly #cleanUp: CleanUp;
  readonly #logMover: LogMover;
  #drive: Promise<void> | null = null;
  #isWoken = false;
  /** Ends the wait between two turns. */
  #endWait: () => void = () => {};
  #failures = 0;
  /** It did not say what to do when it was asked last. */
  #isRegistrySilent = false;
  #alarmAtMs = 0;
  /** How often clients had asked for keys when the last batch was done. */
  #askedBefore = 0;
  /** What it was at last, for the report of a failure; null: nothing. */
  #doing: Doing | null = null;

  constructor(
    parts: MoveParts,
    ports: MovePorts,
    storage: Pick<DurableObjectStorage, "sql" | "transactionSync">,
  ) {
    this.#parts = parts;
    this.#talk = new MoveTalk(ports, parts);
    this.outgoing = new Outgoing(parts);
    this.#cleanUp = new CleanUp(parts, ports, this.outgoing);
    this.#logMover = new LogMover(parts, this.#talk, storage);
  }

  /** For the start of an object: goes on with what a crash has left. */
  resume(): void {
    if (this.isUnfinished) this.wake();
  }

  /** Whether a crash left something that must go on. */
  get isUnfinished(): boolean {
    return this.outgoing.isUnfinished || this.#parts.handover.isOpen;
  }

  /** There may be something to do: no wait goes on. Returns at once, and never throws. */
  wake(): void {
    this.#isWoken = true;
    this.#endWait();
    this.#drive ??= this.#run();
  }

  /** Another shard's move waits for what is still to be removed here. Returns at once, as above. */
  hurryCleanUp(): void {
    this.#cleanUp.hurry();
    this.wake();
  }

  /** When the drive that runs has ended; at once where none runs. */
  async settled(): Promise<void> {
    await this.#drive;
  }

  async #run(): Promise<void> {
    let restMs: number | null = RETRY_MS_MAX;
    try {
      // Its caller has set the drive before the first turn begins.
      await Promise.resolve();
      // The alarm that may have woken it is spent, and the object could end before that turn.
      if (this.isUnfinished) this.#keepAlarm();
      // A timer, as between two turns: requests that came while the registry began the operation
      // need not wait for a batch too.
      await this.#talk.wait(0);
      while (this.#isWoken) {
        this.#isWoken = false;
        restMs = await this.#goOn();
      }
    } catch (error) {
      // Not even the failure could be dealt with: storage itself fails. The alarm tries again.
      if (this.#doing !== null) this.#talk.note(error, this.#doing);
      restMs = RETRY_MS_MAX;
    } finally {
      this.#drive = null;
      this.#alarmAtMs = restMs === null ? 0 : this.#talk.ports.clock() + restMs;
      this.#parts.setAlarm(restMs === null ? null : this.#alarmAtMs);
    }
  }

  /** However this drive ends, the alarm goes on with it. Mostly it is set already. */
  #keepAlarm(): void {
    const nowMs = this.#talk.ports.clock();
    const leftMs = this.#alarmAtMs - nowMs;
    if (leftMs > ALARM_EVERY_MS / 2 && leftMs <= ALARM_EVERY_MS) return;
    this.#alarmAtMs = nowMs + ALARM_EVERY_MS;
    this.#parts.setAlarm(this.#alarmAtMs);
  }

  /** Turn after turn. Returns when the alarm is to go on with it; null: when somebody wakes it. */
  async #goOn(): Promise<number | null> {
    for (;;) {
      if (this.isUnfinished) this.#keepAlarm();
      const after = await this.#turn().catch((error: unknown) => this.#fail(error));
      if (after.kind === "rest") return null;
      const { waitMs, sooner } = after;
      if (sooner === undefined && waitMs > WAIT_IN_MEMORY_MS_MAX) return waitMs;
      await this.#waitFor(waitMs, sooner);
    }
  }

  /** Until then, or until the shard is woken, also where that was during the turn before. */
  async #waitFor(ms: number, sooner?: Promise<void>): Promise<void> {
    if (ms === 0 || this.#isWoken) {
      // Also then: a turn may be all RPC inside one process, and only a timer lets an event loop
      // look at its sockets. Without it, local workerd serves nobody until the drive is over.
      await this.#talk.wait(0);
    } else {
      const woken = Promise.withResolvers<void>();
      this.#endWait = woken.resolve;
      await Promise.race([this.#talk.wait(ms), woken.promise, ...(sooner ? [sooner] : [])]);
    }
    // The turn that follows asks for all that it was woken for.
    this.#isWoken = false;
  }

  async #turn(): Promise<After> {
    if (this.outgoing.hasClosed) return await this.#commit();
    if (this.outgoing.isUnfinished) await this.#cleanUp.begin();
    const after = await this.#obey(await this.#nextOrder());
    this.#failures = 0;
    return after;
  }

  /** A clean-up that could not be told while the registry was silent is told once it answers. */
  async #nextOrder(): Promise<MoveOrder> {
    const call = this.#talk.ports.registry().nextMoves(this.#parts.name());
    const wasSilent = this.#isRegistrySilent;
    this.#isRegistrySilent = true;
    const order = await this.#talk.within(
      REGISTRY_CALL_MS_MAX,
      "The registry",
      "say what to do",
      call,
    );
    this.#isRegistrySilent = false;
    if (wasSilent) this.#cleanUp.hurry();
    return order;
  }

  async #obey(order: MoveOrder): Promise<After> {
    if (order.kind === "move" || order.kind === "logs") this.#keepAlarm();
    else this.#doing = null;
    switch (order.kind) {
      case "idle":
        if (this.#parts.handover.isOpen) this.#parts.handover.forget();
        return this.#whenNothingElse(null);
      case "wait":
        await this.#cleanUp.tellAgain();
        return this.#whenNothingElse(order.afterMs);
      case "move":
        return await this.#move(order);
      case "logs":
        this.#doing = { operation: order.operation, step: "logs", slots: [] };
        return { kind: "again", waitMs: await this.#logMover.run(order) };
      default:
        return order satisfies never;
    }
  }

  async #move(order: SlotsOrder): Promise<After> {
    const { operation, slots } = order;
    this.#doing = { operation, step: "copying", slots: slots.map(({ slot }) => slot) };
    this.#talk.setThrottle(order.throttle);
    const beganAtMs = this.#talk.ports.clock();
    const batch = this.outgoing.begin(order);
    if (batch === null) throw new Error("The slots that the registry offers are not served here.");
    this.#doing = { operation, step: "copying", slots: batch.slots, entries: batch.entries };
    const mover = new BatchMover(this.#parts, this.#talk, this.outgoing, batch);
    // After a failure the target shows that it answers before anything waits for it.
    await mover.run({ stagesFirst: this.#failures > 0 });
    this.#cleanUp.hurryAt(batch.target);
    await this.#commit();
    return { kind: "again", waitMs: this.#restMs(beganAtMs) };
  }

  #restMs(beganAtMs: number): number {
    const { asked } = this.#parts.operations;
    const hasClients = asked !== this.#askedBefore;
    this.#askedBefore = asked;
    const tookMs = Math.max(this.#talk.ports.clock() - beganAtMs, 0);
    return hasClients ? Math.min(tookMs, REST_MS_MAX) : 0;
  }

  /** Asks the registry to decide. No answer is no answer: the slots stay closed. */
  async #commit(): Promise<After> {
    const commit = this.outgoing.pendingCommit();
    if (commit === null) return AGAIN;
    const slots = commit.digests.map(({ slot }) => slot);
    this.#doing = { operation: commit.operation, step: "closed", slots };
    const call = this.#talk.ports.registry().commitMoves(commit);
    const answer = await this.#talk.within(COMMIT_CALL_MS_MAX, "The registry", "decide", call);
    this.outgoing.settle(commit, answer);
    this.#doing = null;
    this.#failures = 0;
    if (this.outgoing.hasClosed) throw new Error("The registry decided about some slots only.");
    if (answer.committed.length > 0) this.#parts.observe("source:committed");
    return AGAIN;
  }

  /**
   * `afterMs`: when to ask the registry again; null: it wakes the shard. A clean-up that ends may
   * have been what the next order waited for.
   */
  #whenNothingElse(afterMs: number | null): After {
    if (!this.outgoing.isUnfinished) {
      return afterMs === null ? { kind: "rest" } : { kind: "again", waitMs: afterMs };
    }
    const waitMs = Math.min(this.#cleanUp.dueInMs, afterMs ?? CLEANER_RETRY_MS_MAX);
    const sooner = this.#cleanUp.nextEnd;
    return { kind: "again", waitMs, ...(sooner === null ? {} : { sooner }) };
  }

  async #fail(error: unknown): Promise<After> {
    if (error instanceof Stopped) return { kind: "again", waitMs: RETRY_MS_MIN };
    const isClosed = this.outgoing.hasClosed;
    const askedMs = error instanceof BatchVoid ? error.retryAfterMs : 0;
    // Where nothing is under way it befell nobody's slots: the registry did not say what to do.
    if (this.#doing !== null) this.#talk.note(error, this.#doing);
    const { random } = this.#talk.ports;
    const delayMs = isClosed
      ? backoffMs(this.#failures, CLOSED_RETRY_MS_MIN, CLOSED_RETRY_MS_MAX, random)
      : Math.max(askedMs, backoffMs(this.#failures, RETRY_MS_MIN, RETRY_MS_MAX, random));
    this.#failures += 1;
    // So that an operator sees what it fails at.
    const told = this.#doing === null ? null : this.#talk.tell(this.#doing);
    // While slots are closed nothing comes before the registry's decision, not even this.
    if (!isClosed) await told;
    return { kind: "again", waitMs: delayMs };
  }
}

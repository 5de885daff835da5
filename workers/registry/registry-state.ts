import type { Actor, NewEvent } from "../contracts/access.ts";
import type { Refusal, RefusalReason } from "../contracts/operations.ts";
import type { Clock } from "../lib/clock.ts";
import { Breakers } from "./breakers-store.ts";
import { Outbox, SYSTEM_ACTOR } from "./events.ts";
import { Flights } from "./operations/flights.ts";
import { findRemoval } from "./operations/removal-store.ts";
import { runningOperation, saveLastError, type StoredOperation } from "./operations-store.ts";
import { applyCommit, type Commit, loadWorld, type World } from "./shards-store.ts";
import { Tokens } from "./tokens.ts";

/** What may have changed since somebody looked, as the live channel names it. */
export type Topic = "topology" | "operation" | "breakers";

/** Where an operation has got to; a test harness makes things crash there. */
export type Point =
  | "registry:retired"
  | "registry:started"
  | "registry:offered"
  | "registry:committed"
  | "registry:cancelled"
  | "registry:ended";

/** Is told what has happened, once it is in storage. */
export interface RegistryObserver {
  changed(topic: Topic): void;
  reached(point: Point): void;
}

const NOBODY: RegistryObserver = { changed: () => {}, reached: () => {} };

/** Somebody wants something changed. However it ends, it leaves exactly one event. */
export interface Attempt {
  action: string;
  subject: string;
  actor: Actor;
  /** Why, in the words of whoever asked. */
  reason: string;
}

/**
 * What the registry holds in memory beside its storage, and the two rules for changing either:
 * rows change in one transaction with the event that tells it, and memory is loaded from the rows
 * after that, so it never says what storage does not.
 */
export class RegistryState {
  readonly sql: SqlStorage;
  readonly outbox: Outbox;
  readonly tokens: Tokens;
  readonly breakers: Breakers;
  readonly #storage: DurableObjectStorage;
  readonly #clock: Clock;
  readonly observer: RegistryObserver;
  /** What the sources of the running operation are at; their rows follow a little later. */
  readonly flights: Flights;
  #world: World;
  #isBusy = false;
  /** The failure that was told last. */
  #failureTold = "";

  constructor(
    storage: DurableObjectStorage,
    clock: Clock,
    random: () => number,
    observer: RegistryObserver = NOBODY,
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.observer = observer;
    this.flights = new Flights(clock());
    this.sql = storage.sql;
    this.outbox = new Outbox(this.sql);
    this.tokens = new Tokens(this.sql, clock());
    this.breakers = new Breakers(storage, this.outbox, random, () => {
      observer.changed("breakers");
    });
    this.#world = loadWorld(this.sql);
  }

  get nowMs(): number {
    return this.#clock();
  }

  get world(): World {
    return this.#world;
  }

  /** For changes of shards or the epoch: everything is loaded anew, which takes milliseconds. */
  changeWorld<T>(work: () => T): T {
    const result = this.#storage.transactionSync(work);
    this.#world = loadWorld(this.sql);
    this.observer.changed("topology");
    return result;
  }

  /** For slots that change hands, of which there may be hundreds of batches. */
  commit<T>(work: () => { result: T; commits: Commit[] }): T {
    const { result, commits } = this.#storage.transactionSync(work);
    for (const commit of commits) applyCommit(this.#world, commit);
    if (commits.length > 0) this.observer.changed("topology");
    return result;
  }

  /** For a change that may end an operation, and with it change shards' states. */
  changesShards<T extends { hasEnded: boolean }>(work: () => T): T {
    const result = this.#storage.transactionSync(work);
    if (result.hasEnded) {
      this.#world = loadWorld(this.sql);
      this.observer.changed("topology");
    }
    return result;
  }

  /** For every other change. */
  change<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** One change of topology at a time, also while it waits for an answer from a shard. */
  async exclusively<T>(attempt: Attempt, work: () => Promise<T>): Promise<T | Refusal> {
    const running = runningOperation(this.sql);
    if (running !== null) {
      return this.refuseSecond(attempt, running);
    }
    const isRemoving = findRemoval(this.sql) !== null;
    const answer = isRemoving ? null : await this.alone(async () => ({ value: await work() }));
    if (answer !== null) return answer.value;
    return this.refuse(attempt, "operation-running", "Another change is just being started.");
  }

  /** For what was begun before; null, and nothing is done, while another change is being started. */
  async alone<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#isBusy) return null;
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }

  /** The event of an attempt that changed something; call it inside that change. */
  tellDone(attempt: Attempt, before: unknown, after: unknown): void {
    this.#tell({ ...attempt, outcome: "done", before, after });
  }

  /** Nothing is changed but the audit trail. */
  refuse(attempt: Attempt, reason: RefusalReason, message: string, changed?: string[]): Refusal {
    const given = attempt.reason;
    const after = { refused: reason, given, ...(changed === undefined ? {} : { changed }) };
    this.change(() =>
      this.#tell({ ...attempt, reason: message, outcome: "refused", before: null, after }),
    );
    return { kind: "refused", reason, message, ...(changed === undefined ? {} : { changed }) };
  }

  refuseSecond(attempt: Attempt, running: StoredOperation): Refusal {
    const refusal = this.refuse(attempt, "operation-running", `${told(running)}.`);
    return { ...refusal, running: running.id };
  }

  /** What the system itself tells: the end of an operation, which nobody attempts. */
  tellEnd(event: NewEvent): void {
    this.#tell(event);
  }

  /**
   * A failure that nobody attempted: in the audit trail, once until another one follows, and on the
   * page of the operation that runs.
   */
  tellFailure(action: string, reason: string): void {
    this.change(() => {
      const running = runningOperation(this.sql);
      if (running !== null) saveLastError(this.sql, running.seq, reason);
      if (reason === this.#failureTold) return;
      const subject = running?.shards.join(", ") ?? SYSTEM_ACTOR.name;
      const event = { actor: SYSTEM_ACTOR, action, subject, reason };
      this.#tell({ ...event, outcome: "failed", before: null, after: null });
    });
    this.#failureTold = reason;
    this.observer.changed("operation");
  }

  #tell(event: NewEvent): void {
    this.outbox.append(event, this.nowMs);
  }
}

function told({ kind, state, shards }: StoredOperation): string {
  const names = shards.join(", ");
  return state === "paused"
    ? `The ${kind} of ${names} is paused; resume or cancel it first`
    : `The ${kind} of ${names} is still running`;
}

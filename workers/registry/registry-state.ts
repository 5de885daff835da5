import type { Actor, NewEvent } from "../contracts/access.ts";
import type { Refusal, RefusalReason } from "../contracts/operations.ts";
import type { Clock } from "../lib/clock.ts";
import { Breakers } from "./breakers-store.ts";
import { Outbox } from "./events.ts";
import { runningOperation } from "./operations-store.ts";
import { applyCommit, type Commit, loadWorld, type World } from "./shards-store.ts";
import { Tokens } from "./tokens.ts";

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
  #world: World;
  #isBusy = false;

  constructor(storage: DurableObjectStorage, clock: Clock, random: () => number) {
    this.#storage = storage;
    this.#clock = clock;
    this.sql = storage.sql;
    this.outbox = new Outbox(this.sql);
    this.tokens = new Tokens(this.sql, clock());
    this.breakers = new Breakers(storage, this.outbox, random);
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
    return result;
  }

  /** For slots that change hands, of which there may be hundreds of batches. */
  commit(work: () => Commit[]): void {
    const commits = this.#storage.transactionSync(work);
    for (const commit of commits) applyCommit(this.#world, commit);
  }

  /** For every other change. */
  change<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** One change of topology at a time, also while it waits for an answer from a shard. */
  async exclusively<T>(attempt: Attempt, work: () => Promise<T>): Promise<T | Refusal> {
    const running = runningOperation(this.sql);
    if (running !== null) {
      const names = running.shards.join(", ");
      return this.refuse(attempt, "operation-running", `Registering ${names} is still running.`);
    }
    if (this.#isBusy) {
      return this.refuse(attempt, "operation-running", "Another change is just being started.");
    }
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

  #tell(event: NewEvent): void {
    this.outbox.append(event, this.nowMs);
  }
}

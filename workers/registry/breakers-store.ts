import {
  admit,
  type Breaker,
  DEFAULT_BREAKER_SETTINGS,
  expire,
  force,
  newBreaker,
  report,
  type Step,
  viewBreaker,
} from "../breaker/breaker.ts";
import type { Actor } from "../contracts/access.ts";
import type {
  BreakerOrder,
  BreakerStateName,
  BreakerTransition,
  BreakerView,
} from "../contracts/breaker.ts";
import type { BreakerVerdict, CallReport } from "../contracts/routing.ts";
import type { Outbox } from "./events.ts";

/**
 * Transitions that are remembered of each shard; the database has them all. Every look at the
 * breakers reads them in the object that routes: with 256 shards and a hundred each it took 120 ms.
 */
export const TRANSITIONS_PER_SHARD_MAX = 20;

export const TRANSITION_ACTION = "breaker.transition";

const BREAKER_ACTOR: Actor = { id: "breaker", name: "circuit breaker", role: "system" };

/** What a breaker belongs to: the shard's id keys it, the name is for people. */
interface Owner {
  id: number;
  name: string;
  /** Since when its breaker is closed, while nothing has happened to it. */
  registeredAtMs: number;
}

/**
 * The shards' breakers, in memory by shard id. A transition or a change of permits is written
 * through at once, a transition together with its history row and its event; grants and failures
 * that change no state are counted in memory alone, so an eviction forgets a window, never a state.
 */
export class Breakers {
  #storage: DurableObjectStorage;
  #sql: SqlStorage;
  #outbox: Outbox;
  #random: () => number;
  #changed: () => void;
  #byShard: (Breaker | undefined)[] = [];

  /** `changed` is told of every transition, once it is in storage. */
  constructor(
    storage: DurableObjectStorage,
    outbox: Outbox,
    random: () => number,
    changed: () => void = () => {},
  ) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#outbox = outbox;
    this.#random = random;
    this.#changed = changed;
    const rows = this.#sql.exec<{ id: number; breaker: string }>(
      "SELECT shard_id AS id, breaker FROM breakers",
    );
    for (const row of rows) this.#byShard[row.id] = JSON.parse(row.breaker);
  }

  /** May a call to the shard go out? The hot path. */
  admit(owner: Owner, reporter: string, nowMs: number): BreakerVerdict {
    const before = this.#of(owner);
    const context = { reporter, nowMs, newPermitId };
    const admission = admit(before, context, DEFAULT_BREAKER_SETTINGS);
    if (admission.transition !== undefined || admission.verdict.kind === "probe") {
      this.#save(owner, admission, BREAKER_ACTOR, nowMs);
    }
    this.#byShard[owner.id] = admission.breaker;
    return admission.verdict;
  }

  report(owner: Owner, call: CallReport, nowMs: number): void {
    const before = this.#of(owner);
    const context = { nowMs, random: this.#random };
    const step = report(before, call, context, DEFAULT_BREAKER_SETTINGS);
    const usedPermit = call.permit !== undefined && step.breaker !== before;
    if (step.transition !== undefined || usedPermit) {
      this.#save(owner, step, BREAKER_ACTOR, nowMs);
    }
    this.#byShard[owner.id] = step.breaker;
  }

  /**
   * An operator's order; the transition's event is the one event of the attempt. A forced state
   * whose time was over before, unnoticed because nobody called, is told as its own transition.
   */
  order(owner: Owner, order: BreakerOrder, actor: Actor, nowMs: number): void {
    const expired = expire(this.#of(owner), nowMs);
    const step = force(expired.breaker, order, actor.name, nowMs);
    this.#storage.transactionSync(() => {
      if (expired.transition !== undefined) this.#save(owner, expired, BREAKER_ACTOR, nowMs);
      this.#save(owner, step, actor, nowMs);
    });
    this.#byShard[owner.id] = step.breaker;
  }

  /** Changes no state. */
  views(owners: readonly Owner[], nowMs: number): BreakerView[] {
    return owners.map((owner) => ({
      shard: owner.name,
      ...viewBreaker(this.#of(owner), nowMs, DEFAULT_BREAKER_SETTINGS),
      transitions: this.#transitions(owner.id),
    }));
  }

  /** Changes no state. */
  stateOf(owner: Owner, nowMs: number): BreakerStateName {
    return viewBreaker(this.#of(owner), nowMs, DEFAULT_BREAKER_SETTINGS).state;
  }

  /** The rows of a shard that goes; `forget` it once the transaction is through. */
  delete(shardId: number): void {
    this.#sql.exec("DELETE FROM breakers WHERE shard_id = ?", shardId);
    this.#sql.exec("DELETE FROM breaker_transitions WHERE shard_id = ?", shardId);
  }

  forget(shardId: number): void {
    this.#byShard[shardId] = undefined;
  }

  #of(owner: Owner): Breaker {
    return this.#byShard[owner.id] ?? newBreaker(owner.registeredAtMs);
  }

  #save(owner: Owner, step: Step, actor: Actor, nowMs: number): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        "INSERT OR REPLACE INTO breakers (shard_id, breaker) VALUES (?, ?)",
        owner.id,
        JSON.stringify(step.breaker),
      );
      if (step.transition === undefined) return;
      const transition = { shard: owner.name, ...step.transition };
      this.#remember(owner.id, transition);
      this.#outbox.append(
        {
          actor,
          action: TRANSITION_ACTION,
          subject: owner.name,
          outcome: "done",
          reason: transition.reason,
          before: { state: transition.from },
          after: { state: transition.to, generation: transition.generation },
        },
        nowMs,
      );
    });
    if (step.transition !== undefined) this.#changed();
  }

  #remember(shardId: number, transition: BreakerTransition): void {
    this.#sql.exec(
      `INSERT INTO breaker_transitions (shard_id, seq, transition)
       SELECT ?1, coalesce(max(seq), 0) + 1, ?2 FROM breaker_transitions WHERE shard_id = ?1`,
      shardId,
      JSON.stringify(transition),
    );
    this.#sql.exec(
      `DELETE FROM breaker_transitions WHERE shard_id = ?1 AND seq <=
         (SELECT max(seq) FROM breaker_transitions WHERE shard_id = ?1) - ?2`,
      shardId,
      TRANSITIONS_PER_SHARD_MAX,
    );
  }

  #transitions(shardId: number): BreakerTransition[] {
    return this.#sql
      .exec<{ transition: string }>(
        "SELECT transition FROM breaker_transitions WHERE shard_id = ? ORDER BY seq DESC",
        shardId,
      )
      .toArray()
      .map((row): BreakerTransition => JSON.parse(row.transition));
  }
}

function newPermitId(): string {
  return crypto.randomUUID();
}

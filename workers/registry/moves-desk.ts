import type {
  CommitAnswer,
  MoveInstruction,
  MoveOrder,
  TargetStanding,
} from "../contracts/moves.ts";
import {
  moveCommitInput,
  moveReportInput,
  parseInput,
  shardNameInput,
  standingQuestionInput,
} from "./input.ts";
import { commitMoves } from "./operations/commit.ts";
import type { Driver } from "./operations/driver.ts";
import { nextMoves } from "./operations/offer.ts";
import { reportMoves } from "./operations/report.ts";
import type { RegistryState } from "./registry-state.ts";
import { readEpoch } from "./shards-store.ts";

/** What sources ask and tell while slots move. See docs/moves.md. */
export class MovesDesk {
  readonly #state: RegistryState;
  readonly #driver: Driver;

  constructor(state: RegistryState, driver: Driver) {
    this.#state = state;
    this.#driver = driver;
  }

  async nextMoves(shard: unknown): Promise<MoveOrder> {
    const name = parseInput(shardNameInput, shard);
    if (!name.ok) return { kind: "idle" };
    await this.#driver.keepArmed();
    const order = nextMoves(this.#state, name.value);
    if (!this.#state.world.byName.has(name.value)) this.#driver.closeGone(name.value);
    return order;
  }

  async reportMoves(report: unknown): Promise<MoveInstruction> {
    const parsed = parseInput(moveReportInput, report);
    if (!parsed.ok) return { kind: "stop" };
    await this.#driver.keepArmed();
    return reportMoves(this.#state, parsed.value);
  }

  /** Throws at a malformed commit: an answer would be final, and only a bug can have sent it. */
  commitMoves(commit: unknown): CommitAnswer {
    const parsed = parseInput(moveCommitInput, commit);
    if (!parsed.ok) throw new TypeError(parsed.message);
    return commitMoves(this.#state, parsed.value);
  }

  /**
   * Throws at a malformed question: its asker would take no for an answer, and delete. For the same
   * reason it does not answer from memory alone, as a route may: an object that has been replaced
   * elsewhere runs on until it touches storage, and would tell how things were before.
   */
  standingOf(question: unknown): TargetStanding {
    const parsed = parseInput(standingQuestionInput, question);
    if (!parsed.ok) throw new TypeError(parsed.message);
    const { target, epoch, slots } = parsed.value;
    const { sql, world } = this.#state;
    const { byName, table, epoch: known } = world;
    if (readEpoch(sql) !== known) throw new Error("The registry's memory is behind its storage.");
    const id = byName.get(target)?.id;
    const owned = slots.filter((slot) => table.owners[slot] === id && table.epochs[slot] === epoch);
    return { isRegistered: id !== undefined, owned };
  }
}

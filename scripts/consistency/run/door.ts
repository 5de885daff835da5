import type { UsageLogsPage } from "../../../workers/cache/usage-logs.ts";
import type { LogQuery, ShardRegistryApi, ShardStats } from "../../../workers/contracts.ts";
import {
  type Census,
  ABORT_REASON,
  DOOR_PATH,
  type DoorAnswer,
  type DoorOrder,
  type LogHandover,
  type ObjectName,
  type StepSeen,
  type Timeline,
} from "../worker/protocol.ts";
import type { Http } from "./http.ts";

type Method = Exclude<keyof ShardRegistryApi, symbol>;

/** The harness's way to the objects themselves. Every call throws where the object failed. */
export class Door {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async registry<M extends Method>(
    method: M,
    ...args: Parameters<ShardRegistryApi[M]>
  ): Promise<Awaited<ReturnType<ShardRegistryApi[M]>>> {
    const order = { kind: "call" as const, object: "registry" as const, method, args };
    return await this.#order<Awaited<ReturnType<ShardRegistryApi[M]>>>(order);
  }

  async census(name: string): Promise<Census> {
    const method = "census";
    return await this.#order({ kind: "call", object: "shard", name, method, args: [] });
  }

  /** Of usage logs, in the order of their operations. */
  async handovers(): Promise<LogHandover[]> {
    return await this.#order({ kind: "call", object: "registry", method: "handovers", args: [] });
  }

  async stats(name: string): Promise<ShardStats> {
    const method = "stats";
    return await this.#order({ kind: "call", object: "shard", name, method, args: [] });
  }

  async timeline(target: ObjectName): Promise<Timeline> {
    return await this.#order({ kind: "call", ...target, method: "timeline", args: [] });
  }

  /** The object ends itself when it next comes to that step. */
  async arm(target: ObjectName, point: string): Promise<void> {
    await this.#order({ kind: "call", ...target, method: "arm", args: [point] });
  }

  /** Of the objects that were armed: which have ended, and where. */
  async armedEnds(): Promise<StepSeen[]> {
    return await this.#order({ kind: "armed-ends" });
  }

  /** By the shards' minutes, as the charts add them up. */
  async countMinutes(fromMs: number, toMs: number): Promise<number> {
    return await this.#order({ kind: "count-minutes", fromMs, toMs });
  }

  async listLogs(query: LogQuery): Promise<UsageLogsPage> {
    return await this.#order({ kind: "list-logs", query });
  }

  /**
   * Whatever the object had under way fails; so does this call, with the reason of the abort.
   * False: it failed for another reason, and the object may be alive.
   */
  async abort(target: ObjectName): Promise<boolean> {
    return await this.#order({ kind: "abort", ...target }).then(
      () => false,
      (error: unknown) => String(error).includes(ABORT_REASON),
    );
  }

  /**
   * Takes the object out of memory as idleness does. Answers when that is done, which is after what
   * the object has under way. An object that is not there, or ends otherwise, is not evicted.
   */
  async evict(target: ObjectName): Promise<"evicted" | "not in memory" | "failed"> {
    try {
      await this.#order({ kind: "evict", ...target });
      return "evicted";
    } catch (error) {
      return String(error).includes("not currently running") ? "not in memory" : "failed";
    }
  }

  /** The types are those of the very code that is called, so the answer is taken for what it says. */
  async #order<T>(order: DoorOrder): Promise<T> {
    const body = JSON.stringify(order);
    const { status, body: text } = await this.#http.send({ method: "POST", path: DOOR_PATH, body });
    if (status !== 200) throw new Error(`the harness's door: ${status} ${text.toString()}`);
    const answer: DoorAnswer<T> = JSON.parse(text.toString());
    if (answer.kind === "failed") throw new Error(`${order.kind}: ${answer.message}`);
    return answer.answer;
  }
}

import type { FaultyShard, MortalRegistry } from "./faults.ts";
import type { ShardRegistryApi } from "../../workers/contracts.ts";
import { FRESH_CONNECTION } from "./fresh-connection.ts";

/** A method of an object, called from outside: what `worker-entry.ts` does for a test. */
export interface BackDoorCall {
  /** A shard's name; null: the registry. */
  shard: string | null;
  method: string;
  args: unknown[];
}

export const BACK_DOOR_PATH = "/__test/call";

/** Calls objects behind the product's doors. What goes in and comes out is JSON. */
export class BackDoor {
  readonly #url: URL;

  constructor(origin: URL) {
    this.#url = new URL(BACK_DOOR_PATH, origin);
  }

  registry(): ShardRegistryApi & MortalRegistry {
    return new Proxy(Object.create(null), this.#methodsOf(null));
  }

  shard(name: string): FaultyShard {
    return new Proxy(Object.create(null), this.#methodsOf(name));
  }

  #methodsOf(shard: string | null): ProxyHandler<object> {
    return {
      get:
        (_, method) =>
        async (...args: unknown[]) =>
          await this.#call({ shard, method: String(method), args }),
    };
  }

  async #call(call: BackDoorCall): Promise<unknown> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: FRESH_CONNECTION,
      body: JSON.stringify(call),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${call.method}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}

import { FRESH_CONNECTION } from "./fresh-connection.ts";

/** What one call of the cache's HTTP API answered. */
export interface CacheReply {
  status: number;
  /** `CepatEdge-Cache`: hit, miss, bypass, stored, deleted; empty for an error. */
  outcome: string;
  shard: string;
  text: string;
}

/** The cache's HTTP API, as an application calls it. */
export class CacheClient {
  readonly #origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  async put(type: string, key: string, value: string): Promise<CacheReply> {
    return await this.#call("PUT", type, key, value);
  }

  async get(type: string, key: string): Promise<CacheReply> {
    return await this.#call("GET", type, key);
  }

  async delete(type: string, key: string): Promise<CacheReply> {
    return await this.#call("DELETE", type, key);
  }

  async #call(method: string, type: string, key: string, body?: string): Promise<CacheReply> {
    const path = `/v1/cache/${encodeURIComponent(type)}/${encodeURIComponent(key)}`;
    const response = await fetch(new URL(path, this.#origin), {
      method,
      headers: {
        ...FRESH_CONNECTION,
        authorization: `Bearer ${this.#token}`,
        "content-type": "text/plain",
      },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      outcome: response.headers.get("CepatEdge-Cache") ?? "",
      shard: response.headers.get("CepatEdge-Shard") ?? "",
      text: await response.text(),
    };
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { laneOf } from "./ordered-pool.ts";

const mgetBody = z.object({ keys: z.array(z.string()) });

export const DOUBLE_TOKEN = "a-token-for-tests";

/** What the double does instead of its work; null: its work. Called once a request. */
export type Fault = (
  request: IncomingMessage,
  path: string,
) => "fail" | "lose" | "corrupt" | "hang-up" | "bypass" | "no-shards" | null;

/**
 * A server that speaks the cache's HTTP API from a Map, for tests of what speaks to it: over real
 * sockets, with faults to order. Keeps no time to live.
 */
export async function startCacheDouble(fault: Fault = () => null) {
  const entries = new Map<string, Buffer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => server.emit("error", error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("It has no port.");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method, url = "" } = request;
    if (method === "OPTIONS") return void response.writeHead(204).end();
    requests.push(`${method} ${url}`);
    if (request.headers.authorization !== `Bearer ${DOUBLE_TOKEN}`) {
      return refuse(response, 401, "token-unknown");
    }
    const [path = ""] = url.split("?");
    const ordered = fault(request, path);
    if (ordered === "fail") return refuse(response, 503, "shard-unavailable");
    if (ordered === "no-shards") return refuse(response, 503, "no-shards");
    if (ordered === "hang-up") return void response.destroy();
    if (path.endsWith("/_mget")) return readMany(path, body, response);
    const headers = { "CepatEdge-Shard": shardOf(path) };
    const reply = (status: number, outcome: string, value?: Buffer) =>
      void response.writeHead(status, { ...headers, "CepatEdge-Cache": outcome }).end(value);
    if (ordered === "bypass") return reply(404, "bypass");
    if (method === "PUT") {
      if (ordered !== "lose") entries.set(path, body);
      return reply(204, "stored");
    }
    if (method === "DELETE") {
      if (ordered !== "lose") entries.delete(path);
      return reply(204, "deleted");
    }
    const value = entries.get(path);
    if (value === undefined) return reply(404, "miss");
    return reply(200, "hit", ordered === "corrupt" ? Buffer.alloc(value.length) : value);
  }

  function readMany(path: string, body: Buffer, response: ServerResponse): void {
    const { keys } = mgetBody.parse(JSON.parse(body.toString()));
    const answers = keys.map((key) => {
      const entry = path.replace(/_mget$/, encodeURIComponent(key));
      const value = entries.get(entry);
      const outcome = value === undefined ? "miss" : "hit";
      return { key, outcome, shard: shardOf(entry), base64: value?.toString("base64") ?? null };
    });
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ entries: answers }));
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    entries,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ code, status, title: code, detail: "As ordered." }));
}

function shardOf(path: string): string {
  return `shard-${laneOf(path, 2)}`;
}

import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** Above what the product may take for one operation: nine attempts on a slow shard. */
const ANSWER_MS_MAX = 60_000;

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface HttpRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** HTTP without anything clever in it: no request is sent twice, whatever becomes of it. */
export class Http {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: () => number;

  constructor(port: () => number) {
    this.#port = port;
  }

  /** Rejects where the connection fails or nothing comes back in time. */
  async send({ method, path, headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const target = { host: "127.0.0.1", port: this.#port(), agent: this.#agent };
    const sending = request({ ...target, method, path, headers }, (response) => {
      const { statusCode: status = 0, headers: received } = response;
      buffer(response).then((bytes) => resolve({ status, headers: received, body: bytes }), reject);
    });
    sending.once("error", reject);
    sending.setTimeout(ANSWER_MS_MAX, () => sending.destroy(new Error("no answer in time")));
    sending.end(body);
    return await promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

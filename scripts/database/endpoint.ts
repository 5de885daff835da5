import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { SqlBackend } from "./backend.ts";
import { answerNeonRequest } from "./neon-http.ts";
import { errorCode, StartProblem } from "./start-problem.ts";

const HOST = "127.0.0.1";

/** A statement with its parameters. The largest of ours, a batch of audit events, is far smaller. */
export const BODY_BYTES_MAX = 8 * 1_048_576;

export interface DatabaseEndpoint {
  port: number;
  /** For `DATABASE_HTTP_ENDPOINT`. */
  httpEndpoint: string;
  /** For `DATABASE_URL`: well-formed, as the driver wants it; the endpoint knows its database. */
  databaseUrl: string;
  /** Lets running calls finish, then closes the port and the backend. */
  stop(): Promise<void>;
}

/** Speaks the Neon HTTP protocol on 127.0.0.1 in front of `backend`. Port 0: any free one. */
export async function startDatabaseEndpoint(
  backend: SqlBackend,
  port: number,
): Promise<DatabaseEndpoint> {
  const server = createServer((request, response) => {
    // A caller that hangs up in the middle of its body waits for no answer.
    handle(backend, request, response).catch(() => response.destroy());
  });
  const boundPort = await listen(server, port);
  return {
    port: boundPort,
    httpEndpoint: `http://${HOST}:${boundPort}/sql`,
    databaseUrl: `postgres://cepatedge:local@${HOST}:${boundPort}/cepatedge`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      await backend.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const isTaken = errorCode(error) === "EADDRINUSE";
      reject(isTaken ? portTaken(port, error) : error);
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function portTaken(port: number, cause: Error): StartProblem {
  const message =
    `Port ${port}, wanted for the local database, is in use. ` +
    "Stop what listens there, or set DATABASE_PORT to a free port.";
  return new StartProblem(message, { cause });
}

async function handle(
  backend: SqlBackend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== null) {
    request.resume();
    return send(response, refusal.status, { message: refusal.message });
  }
  const body = await readBody(request);
  if (body === null) return send(response, 413, { message: `Over ${BODY_BYTES_MAX} bytes.` });
  const answer = await answerNeonRequest(backend, request.headers, body);
  return send(response, answer.status, answer.body);
}

/**
 * Any page open in a browser on this machine can reach the port. None can send this header without
 * a preflight, which is refused, nor hide its Origin; a rebound name shows in Host.
 */
function refusalOf(request: IncomingMessage): { status: number; message: string } | null {
  const { headers, method, url } = request;
  if (url !== "/sql") return { status: 404, message: "Only /sql is here." };
  if (method !== "POST") return { status: 405, message: "Only POST is understood." };
  const host = headers.host?.replace(/:\d+$/, "");
  const isLocal = host === HOST || host === "localhost";
  const isDriver = headers["neon-connection-string"] !== undefined;
  if (isLocal && isDriver && headers.origin === undefined) return null;
  return { status: 403, message: "Only the Neon driver on this machine is answered." };
}

/** Null: too large. The rest is read and dropped, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part: Buffer = chunk;
    bytes += part.byteLength;
    if (bytes <= BODY_BYTES_MAX) chunks.push(part);
  }
  return bytes > BODY_BYTES_MAX ? null : Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { initdbFiles } from "../initdb-files.ts";

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST_CODE = 80_877_103;
const STARTUP_HEADER_BYTES = 8;
const MESSAGE_HEADER_BYTES = 5;

export interface WirePostgres {
  url: string;
  stop(): Promise<void>;
}

/**
 * A Postgres that speaks its own wire protocol on a port, for tests: PGlite behind a socket. It has
 * one session, so only one client may be connected at a time.
 */
export async function startWirePostgres(): Promise<WirePostgres> {
  const database = await PGlite.create({ loadDataDir: await initdbFiles() });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(database, socket).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("It has no port.");
  return {
    url: `postgres://postgres:secret@127.0.0.1:${address.port}/postgres`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
      await database.close();
    },
  };
}

async function serve(database: PGlite, socket: Socket): Promise<void> {
  let received = Buffer.alloc(0);
  let isStarted = false;
  for await (const chunk of socket) {
    const part: Buffer = chunk;
    received = Buffer.concat([received, part]);
    for (;;) {
      const length = messageLength(received, isStarted);
      if (length === null || received.length < length) break;
      const message = received.subarray(0, length);
      received = received.subarray(length);
      if (!isStarted && message.readInt32BE(4) === SSL_REQUEST_CODE) {
        socket.write("N");
        continue;
      }
      const answer = await database.execProtocolRaw(new Uint8Array(message));
      socket.write(answer);
      isStarted = true;
    }
  }
}

/** The first message has no type; null: its length has not arrived yet. */
function messageLength(received: Buffer, isStarted: boolean): number | null {
  if (!isStarted) return received.length < STARTUP_HEADER_BYTES ? null : received.readInt32BE(0);
  return received.length < MESSAGE_HEADER_BYTES ? null : 1 + received.readInt32BE(1);
}

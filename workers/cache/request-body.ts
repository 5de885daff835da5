import { VALUE_BYTES_MAX } from "../lib/limits.ts";

/**
 * What is read of a body that nobody wants. A server that closes the connection on a client that
 * is still sending takes the answer away too; a body not much over the bound should not end so.
 */
const UNWANTED_BYTES_MAX = 2 * VALUE_BYTES_MAX;

export type BodyAnswer =
  | { kind: "body"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "too-large" }
  /** The connection broke, or the body did not arrive as announced. */
  | { kind: "broken"; message: string };

/**
 * Reads a body of at most `bytesMax`. An announced length over the bound is refused unread; of one
 * that is streamed, no more is kept once it passes the bound.
 */
export async function readBody(request: Request, bytesMax: number): Promise<BodyAnswer> {
  const announced = announcedBytes(request);
  if (announced !== null && announced > bytesMax) return { kind: "too-large" };
  try {
    const bytes = await (announced === null ? readChunks(request, bytesMax) : readAll(request));
    if (bytes === null || bytes.byteLength > bytesMax) return { kind: "too-large" };
    return { kind: "body", bytes };
  } catch {
    return { kind: "broken", message: "The body broke off before its end." };
  }
}

/** Reads away a body that nobody has read, within a bound. Never throws. */
export async function discardBody(request: Request): Promise<void> {
  if (request.bodyUsed || request.body === null) return;
  if ((announcedBytes(request) ?? 0) > UNWANTED_BYTES_MAX) return;
  try {
    await readChunks(request, 0);
  } catch {
    // A client that has gone away sends no more: there is nothing left to discard.
  }
}

/** Null: it is streamed, so nobody knows, whatever length is named beside that (RFC 9112, 6.3). */
function announcedBytes({ headers }: Request): number | null {
  const text = headers.get("Content-Length");
  return text === null || headers.has("Transfer-Encoding") ? null : Number(text);
}

/** In one piece: a reader gets a buffer of its own for every part, most of it empty. */
async function readAll(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await request.arrayBuffer());
}

/** Null: more than `bytesMax` came; then the rest is read away, within the bound. */
async function readChunks(
  request: Request,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length <= bytesMax) chunks.push(chunk);
    if (length > UNWANTED_BYTES_MAX) break;
  }
  return length > bytesMax ? null : joined(chunks, length);
}

function joined(chunks: Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

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
 * that is streamed, or longer than announced, no more is kept once it passes the bound.
 */
export async function readBody(request: Request, bytesMax: number): Promise<BodyAnswer> {
  if (announcedBytes(request) > bytesMax) return { kind: "too-large" };
  const chunks: Uint8Array[] = [];
  try {
    const length = await readChunks(request, bytesMax, (chunk) => chunks.push(chunk));
    if (length > bytesMax) return { kind: "too-large" };
    return { kind: "body", bytes: joined(chunks, length) };
  } catch {
    return { kind: "broken", message: "The body broke off before its end." };
  }
}

/** Reads away what is left of the body, within a bound. Never throws. */
export async function discardBody(request: Request): Promise<void> {
  if (announcedBytes(request) > UNWANTED_BYTES_MAX) return;
  try {
    await readChunks(request, UNWANTED_BYTES_MAX, () => {});
  } catch {
    // A client that has gone away sends no more: there is nothing left to discard.
  }
}

function announcedBytes(request: Request): number {
  return Number(request.headers.get("Content-Length") ?? 0);
}

/** Stops, and leaves the rest unread, when more than `bytesMax` have come. Returns how many did. */
async function readChunks(
  request: Request,
  bytesMax: number,
  keep: (chunk: Uint8Array) => void,
): Promise<number> {
  const reader = request.body?.getReader();
  if (reader === undefined) return 0;
  let length = 0;
  try {
    while (length <= bytesMax) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      keep(value);
    }
    return length;
  } finally {
    reader.releaseLock();
  }
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

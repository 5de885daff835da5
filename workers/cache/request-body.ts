export type BodyAnswer =
  | { kind: "body"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "too-large" }
  /** The connection broke, or the body did not arrive as announced. */
  | { kind: "broken"; message: string };

/**
 * Reads a body of at most `bytesMax`. An announced length over the bound is refused unread; a body
 * that is streamed, or longer than announced, is dropped as soon as it passes the bound.
 */
export async function readBody(request: Request, bytesMax: number): Promise<BodyAnswer> {
  const announced = Number(request.headers.get("Content-Length") ?? 0);
  if (announced > bytesMax) {
    await request.body?.cancel();
    return { kind: "too-large" };
  }
  try {
    return await readStream(request.body, bytesMax);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "broken", message };
  }
}

async function readStream(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<BodyAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > bytesMax) return { kind: "too-large" };
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return { kind: "body", bytes };
}

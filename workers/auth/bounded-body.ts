/**
 * The request's body, or null when it is longer than `bytesMax`; the rest is then not read. Who
 * sends it has not signed in yet, and Content-Length may be absent, so the bytes are counted.
 */
export async function readBoundedBody(
  request: Request,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

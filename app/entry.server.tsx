import { renderToReadableStream } from "react-dom/server";
import { type EntryContext, isRouteErrorResponse, ServerRouter } from "react-router";
import { streamsTo } from "./script-support.server.ts";
import { contentSecurityPolicy, setSecurityHeaders } from "./security-headers.server.ts";

/** Longer than any shard may take to answer, so a panel tells its own time-out. */
export const streamTimeout = 10_000;
const RENDER_TIMEOUT_MS = streamTimeout + 1_000;

export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  routerContext: EntryContext,
): Promise<Response> {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  setSecurityHeaders(headers, request);
  const policy = contentSecurityPolicy(nonce, new URL(request.url), import.meta.env.DEV);
  headers.set("Content-Security-Policy", policy);
  headers.set("Content-Type", "text/html; charset=utf-8");
  if (request.method === "HEAD") return new Response(null, { status, headers });

  const whole = !streamsTo(request);
  let finalStatus = status;
  let shellRendered = false;
  const body = await renderToReadableStream(
    <ServerRouter context={routerContext} url={request.url} nonce={nonce} />,
    {
      nonce,
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(RENDER_TIMEOUT_MS)]),
      // In a whole page every panel stands in its place; none is put there by script.
      ...(whole ? { progressiveChunkSize: Number.MAX_SAFE_INTEGER } : {}),
      onError(error) {
        finalStatus = 500;
        // Before the shell the error is thrown to the caller, which logs it through handleError.
        if (shellRendered && !request.signal.aborted) logError(error);
      },
    },
  );
  shellRendered = true;
  if (whole) await body.allReady;
  return new Response(body, { status: finalStatus, headers });
}

/** Refusals and missing pages are answers, not faults: only what nobody expected is logged. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (request.signal.aborted || isRouteErrorResponse(error)) return;
  logError(error);
}

function logError(error: unknown): void {
  // oxlint-disable-next-line eslint/no-console -- workerd's log is where faults belong.
  console.error(error);
}

import { createContext, type RouterContextProvider } from "react-router";

const requestIdContext = createContext<string | null>(null);

/**
 * Names one request in the page and in the log, so that a fault that somebody reports can be found.
 * Cloudflare's own ray id where there is one.
 */
export function requestIdOf(request: Request, context: Readonly<RouterContextProvider>): string {
  const known = context.get(requestIdContext);
  if (known !== null) return known;
  const fresh = request.headers.get("CF-Ray") ?? crypto.randomUUID();
  context.set(requestIdContext, fresh);
  return fresh;
}

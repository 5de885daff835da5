import { createContext, type RouterContextProvider } from "react-router";
import { streamsTo } from "./script-support.server.ts";

const firstPartContext = createContext<Promise<void> | null>(null);

interface MiddlewareArgs {
  request: Request;
  context: Readonly<RouterContextProvider>;
}

/**
 * For `export const middleware` of the root route: settles `firstPartSent` when the response has
 * its head. A page that is sent whole waits for everything anyway, so nothing is held back there.
 */
export async function firstPartMiddleware(
  { request, context }: MiddlewareArgs,
  next: () => Promise<Response>,
): Promise<Response> {
  if (!streamsTo(request)) return await next();
  const { promise, resolve } = Promise.withResolvers<void>();
  context.set(firstPartContext, promise);
  try {
    return await next();
  } finally {
    // In a turn of its own: this one still has the first part to hand over.
    setTimeout(resolve, 0);
  }
}

/**
 * Resolved once the page's first part is on its way; never rejects. Asking many shards at once is
 * work by itself: begun before, it takes the processor from the part that every reader waits for.
 */
export async function firstPartSent(context: Readonly<RouterContextProvider>): Promise<void> {
  await context.get(firstPartContext);
}

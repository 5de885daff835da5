import type { Timer } from "./ports.ts";

/** One that can be cancelled; then `done` stays open for ever. */
export function startTimer(ms: number): Timer {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { done: promise, cancel: () => clearTimeout(timer) };
}

/**
 * Something that a person can put right. `message` is one sentence, two at most: what is wrong and
 * what to do. Scripts print it alone; every other error is a bug and keeps its stack.
 */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
}

/** The `code` of a system or Postgres error: `EADDRINUSE`, `28P01`. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** One line about an error; some thrown by WebAssembly and by `pg` have an empty message. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message || errorCode(error) || error.name;
  // The file system inside PGlite throws plain objects.
  if (typeof error !== "object" || error === null) return String(error);
  const name = "name" in error ? String(error.name) : "unknown error";
  return "errno" in error ? `${name} ${String(error.errno)}` : name;
}

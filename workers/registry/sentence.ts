const SENTENCE_LENGTH_MAX = 300;

/** What went wrong, as one line for a person. */
export function sentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, SENTENCE_LENGTH_MAX);
}

/** True after the first Ctrl-C, so that a run ends early with its report; the second one kills. */
export function watchInterrupt(): () => boolean {
  let interrupted = false;
  process.once("SIGINT", () => (interrupted = true));
  return () => interrupted;
}

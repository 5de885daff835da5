/** The first wait before a lost connection is tried again; it doubles up to the longest. */
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 60_000;

/** What becomes of one connection; `closed` also where it never opened. */
export interface SocketEvents {
  opened: () => void;
  changed: () => void;
  closed: () => void;
}

export interface LiveTools {
  /** Opens a connection; answers what closes it. */
  connect(events: SocketEvents): () => void;
  /** 0…1 */
  random(): number;
  /** Calls back once; answers what takes it back. */
  after(ms: number, call: () => void): () => void;
}

/**
 * Holds a connection on which the registry says that something has changed, until it is stopped;
 * `onChanged` also when a connection is back, for what was missed meanwhile. A lost one is tried
 * again after a random part of a wait that doubles (full jitter,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so that a deploy does
 * not bring every dashboard back in the same moment. Answers what stops it.
 */
export function keepLiveSocket(tools: LiveTools, onChanged: () => void): () => void {
  let close: (() => void) | null = null;
  let takeBack: (() => void) | null = null;
  let stopped = false;
  let failures = 0;
  const open = () => {
    close = tools.connect({
      opened() {
        if (failures > 0) onChanged();
        failures = 0;
      },
      changed: onChanged,
      closed() {
        if (stopped) return;
        const wait = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** failures);
        failures += 1;
        takeBack = tools.after(RETRY_MS_FIRST / 2 + tools.random() * wait, open);
      },
    });
  };
  open();
  return () => {
    stopped = true;
    takeBack?.();
    close?.();
  };
}

import { useEffect, useRef, useState } from "react";
import { useFetchers, useMatches, useNavigation, useRevalidator } from "react-router";
import { keepLiveSocket, type LiveTools } from "./live-socket.ts";

/** How often a visible page asks again. Under `STALE_AFTER_MS`, so that a live page is never stale. */
const POLL_MS = 3_000;
/** What is older says so (the dashboard's rule). */
export const STALE_AFTER_MS = 5_000;
const LIVENESS_TIMEOUT_MS = 2_500;
/** Changes that come within it are one refresh. */
const COALESCE_MS = 200;

/** `off`: this page asked not to be refreshed under its reader's hands (`handle.live = false`). */
export type LiveState = "live" | "paused" | "stale" | "lost" | "off";

interface Live {
  state: LiveState;
  /** Null until the browser has taken over from the server. */
  ageMs: number | null;
  paused: boolean;
  setPaused: (paused: boolean) => void;
}

/**
 * Keeps the page up to date while somebody can see it. Before each refresh it asks whether the
 * Worker answers at all: a lost connection then leaves the page as it is, and says so, where a
 * failed refresh would put an error in its place. `renderedAtMs` changes with every refresh.
 */
export function useLiveRevalidation(renderedAtMs: number): Live {
  const [paused, setPaused] = useState(false);
  const [lost, setLost] = useState(false);
  const ageMs = useAge(renderedAtMs);
  const off = useMatches().some(({ handle }) => isNotLive(handle));
  useRefreshing({ enabled: !paused && !off, onOutcome: (reached) => setLost(!reached) });
  return { state: stateOf({ paused, lost, off, ageMs }), ageMs, paused, setPaused };
}

function stateOf({
  paused,
  lost,
  off,
  ageMs,
}: {
  paused: boolean;
  lost: boolean;
  off: boolean;
  ageMs: number | null;
}): LiveState {
  if (off) return "off";
  if (paused) return "paused";
  if (lost) return "lost";
  return ageMs !== null && ageMs > STALE_AFTER_MS ? "stale" : "live";
}

/**
 * Two ways to the same refresh. The registry says at once, through a WebSocket, that something has
 * changed; what only the shards know (figures, logs) is told by nobody and asked for on time, and so
 * is everything where no WebSocket can be had. A hidden page does neither.
 */
function useRefreshing({
  enabled,
  onOutcome,
}: {
  enabled: boolean;
  onOutcome: (reached: boolean) => void;
}): void {
  const { revalidate, state } = useRevalidator();
  const navigation = useNavigation();
  // A refresh is a newer navigation than the one that an answer asks for: that one would be dropped.
  const isSending = useFetchers().some((fetcher) => fetcher.state === "submitting");
  const busy = state !== "idle" || navigation.state !== "idle" || isSending;
  const latest = useRef({ busy, revalidate, onOutcome });
  useEffect(() => {
    latest.current = { busy, revalidate, onOutcome };
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const stop = new AbortController();
    let told: ReturnType<typeof setTimeout> | null = null;
    let closeSocket: (() => void) | null = null;
    const tick = async () => {
      if (document.visibilityState === "hidden" || latest.current.busy) return;
      const reached = await answers(stop.signal);
      if (stop.signal.aborted) return;
      latest.current.onOutcome(reached);
      if (reached && !latest.current.busy) await latest.current.revalidate();
    };
    /** Many changes in a short time are one; a change during a refresh needs another one. */
    const onChanged = () => {
      told ??= setTimeout(() => {
        told = null;
        if (latest.current.busy) onChanged();
        else void tick();
      }, COALESCE_MS);
    };
    const onVisibility = () => {
      if (document.visibilityState === "hidden") {
        closeSocket?.();
        closeSocket = null;
      } else {
        closeSocket ??= keepLiveSocket(BROWSER_TOOLS, onChanged);
        void tick();
      }
    };
    const timer = setInterval(() => void tick(), POLL_MS);
    document.addEventListener("visibilitychange", onVisibility, { signal: stop.signal });
    if (document.visibilityState !== "hidden") {
      closeSocket = keepLiveSocket(BROWSER_TOOLS, onChanged);
    }
    return () => {
      stop.abort();
      clearInterval(timer);
      if (told !== null) clearTimeout(told);
      closeSocket?.();
    };
  }, [enabled]);
}

const BROWSER_TOOLS: LiveTools = {
  connect({ opened, changed, closed }) {
    const url = new URL("/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.addEventListener("open", opened);
    socket.addEventListener("message", changed);
    socket.addEventListener("close", closed);
    return () => socket.close();
  },
  random: () => Math.random(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

async function answers(signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIVENESS_TIMEOUT_MS)]);
  try {
    return (await fetch("/healthz", { signal: limit })).ok;
  } catch {
    return false;
  }
}

/** By this browser's clock alone: its difference to the server's does not matter. */
function useAge(renderedAtMs: number): number | null {
  const [age, setAge] = useState<{ of: number; ms: number } | null>(null);
  useEffect(() => {
    const receivedAtMs = performance.now();
    const measure = () => setAge({ of: renderedAtMs, ms: performance.now() - receivedAtMs });
    measure();
    const timer = setInterval(measure, 1_000);
    return () => clearInterval(timer);
  }, [renderedAtMs]);
  if (age === null) return null;
  return age.of === renderedAtMs ? age.ms : 0;
}

function isNotLive(handle: unknown): boolean {
  return typeof handle === "object" && handle !== null && "live" in handle && handle.live === false;
}

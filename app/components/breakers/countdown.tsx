import { useEffect, useState } from "react";
import { formatDuration } from "../ui/format.ts";

interface CountdownProps {
  atMs: number;
  /** The server's clock when it read `atMs`; the browser's own may be off. */
  nowMs: number;
  /** Shown from `atMs` on. */
  over: string;
}

/** `in 12 s`, counted down where script runs. */
export function Countdown({ atMs, nowMs, over }: CountdownProps) {
  const [passed, setPassed] = useState({ since: nowMs, ms: 0 });
  useEffect(() => {
    const startedMs = performance.now();
    const timer = setInterval(() => {
      setPassed({ since: nowMs, ms: performance.now() - startedMs });
    }, 1_000);
    return () => clearInterval(timer);
  }, [nowMs]);
  const leftMs = atMs - nowMs - (passed.since === nowMs ? passed.ms : 0);
  if (leftMs <= 0) return <span>{over}</span>;
  return (
    <span className="whitespace-nowrap">
      in {formatDuration(Math.max(1_000, Math.ceil(leftMs / 1_000) * 1_000))}
    </span>
  );
}

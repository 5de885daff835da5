import type { BreakerTransition } from "../../../workers/contracts.ts";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";
import { STATES } from "./states.ts";

/** What happened to a breaker, newest first; each step with who and why. */
export function Timeline({ transitions }: { transitions: BreakerTransition[] }) {
  if (transitions.length === 0) {
    return <p className="text-sm text-muted">None: it has been closed since its registration.</p>;
  }
  return (
    <ol className="mt-1 flex flex-col border-l-2 border-line">
      {transitions.map((transition) => (
        <Step key={`${transition.generation} ${transition.atMs}`} transition={transition} />
      ))}
    </ol>
  );
}

function Step({ transition: { from, to, atMs, reason, by } }: { transition: BreakerTransition }) {
  const { word, tone, icon } = STATES[to];
  return (
    <li className="flex flex-wrap gap-x-4 gap-y-0.5 py-1.5 pl-3">
      <span className="w-44 shrink-0 text-sm text-muted">
        <Time ms={atMs} />
      </span>
      <span className="min-w-0 flex-1 basis-64">
        <span className="flex flex-wrap items-baseline gap-x-2">
          <Status tone={tone} icon={icon}>
            {word}
          </Status>
          <span className="text-sm text-muted">was {STATES[from].word.toLowerCase()}</span>
        </span>
        <span className="block text-sm">
          <bdi>{reason}</bdi> <span className="text-muted">– {by}</span>
        </span>
      </span>
    </li>
  );
}

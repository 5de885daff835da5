import type { BreakerView } from "../../../workers/contracts.ts";
import { arithmeticOf } from "../breakers/judgement.ts";
import { STATES } from "../breakers/states.ts";
import { Timeline } from "../breakers/timeline.tsx";
import { LinkButton } from "../ui/button.tsx";
import { formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Status } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";

/** The newest of them; the breakers' page has the rest. */
const TRANSITIONS_SHOWN = 5;

export default function ShardBreaker({
  name,
  breaker,
}: {
  name: string;
  breaker: BreakerView | null;
}) {
  return (
    <Panel
      title="Breaker"
      actions={
        <LinkButton to={`/breakers?shard=${name}`} size="small" icon="breaker">
          Open in breakers
        </LinkButton>
      }
    >
      {breaker === null ? (
        <p className="text-muted">It has none yet: nobody has asked for this shard.</p>
      ) : (
        <BreakerFacts breaker={breaker} />
      )}
    </Panel>
  );
}

function BreakerFacts({ breaker }: { breaker: BreakerView }) {
  const { state, sinceMs, forced, lastFailure, probeAtMs, permitsOut, transitions } = breaker;
  const { word, tone, icon, meaning } = STATES[state];
  const { sum, rule } = arithmeticOf(breaker);
  const facts: [string, React.ReactNode][] = [["Window", `${sum}; ${rule}.`]];
  if (forced !== null) facts.push(["Ordered", <Forced key="forced" forced={forced} />]);
  if (probeAtMs !== null) facts.push(["Next probe", <Time key="probe" ms={probeAtMs} />]);
  if (permitsOut > 0) facts.push(["Probes out", formatCount(permitsOut)]);
  if (lastFailure !== null) facts.push(["Last failure", lastFailure]);
  return (
    <div className="flex flex-col gap-3">
      <p>
        <Status tone={tone} icon={icon}>
          {word}
        </Status>{" "}
        since <Time ms={sinceMs} />. {meaning}
      </p>
      <Facts items={facts} />
      <div>
        <h3 className="text-sm font-medium">Transitions</h3>
        <Timeline transitions={transitions.slice(0, TRANSITIONS_SHOWN)} />
      </div>
    </div>
  );
}

function Forced({ forced }: { forced: NonNullable<BreakerView["forced"]> }) {
  return (
    <>
      by {forced.by}: “<bdi>{forced.reason}</bdi>”,{" "}
      {forced.expiresAtMs === null ? (
        "until somebody resets it"
      ) : (
        <>
          until <Time ms={forced.expiresAtMs} />
        </>
      )}
    </>
  );
}

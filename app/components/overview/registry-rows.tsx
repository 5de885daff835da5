import type { Operation } from "../../../workers/contracts.ts";
import type { RegistryHealth } from "../../overview.server.ts";
import { causeNow, etaText, stateLook } from "../operations/operation-words.ts";
import { operationName } from "../plans/plan-words.ts";
import { counted } from "../ui/format.ts";
import type { Tone } from "../ui/status.tsx";
import { Count, Time } from "../ui/values.tsx";
import { HealthRow } from "./health-row.tsx";

export function RegistryFailure({ error }: { error: string }) {
  return (
    <HealthRow about="Registry" tone="danger">
      <p className="font-medium">Does not answer: no cache operation can find its shard.</p>
      <p>{error}</p>
    </HealthRow>
  );
}

/** The registry's rows that need nobody. */
export function RegistryInOrder({ health }: { health: RegistryHealth }) {
  const { breakers, shards, epoch } = health;
  return (
    <>
      {breakers.length === 0 && shards.length > 0 && (
        <HealthRow about="Breakers" tone="ok">
          All closed.
        </HealthRow>
      )}
      <HealthRow about="Registry" tone="ok">
        Answers; {counted(shards.length, "shard")} at epoch <Count value={epoch} />.
      </HealthRow>
    </>
  );
}

type Breakers = RegistryHealth["breakers"];

const STATE_TONE: Record<Breakers[number]["state"], Tone> = {
  closed: "ok",
  open: "danger",
  "half-open": "warn",
  isolated: "warn",
  disabled: "warn",
};

const STATE_MEANING: Record<Breakers[number]["state"], string> = {
  closed: "serves",
  open: "reads bypass it, writes fail",
  "half-open": "is being probed",
  isolated: "taken out by an operator",
  disabled: "its breaker is switched off",
};

export function BreakerProblems({ breakers }: { breakers: Breakers }) {
  return breakers.map(({ shard, state, sinceMs, forced, lastFailure }) => (
    <HealthRow
      key={shard}
      about="Breaker"
      tone={STATE_TONE[state]}
      icon="breaker"
      action={{ to: `/breakers?shard=${shard}`, name: "Breakers" }}
    >
      <p>
        <strong className="font-semibold">{shard}</strong> is {state} since <Time ms={sinceMs} />:{" "}
        {STATE_MEANING[state]}.
      </p>
      {forced && (
        <p>
          By {forced.by}: “<bdi>{forced.reason}</bdi>”
          {forced.expiresAtMs === null ? (
            ", until somebody resets it."
          ) : (
            <>
              , until <Time ms={forced.expiresAtMs} />.
            </>
          )}
        </p>
      )}
      {!forced && lastFailure && <p className="text-sm">Last failure: {lastFailure}</p>}
    </HealthRow>
  ));
}

/** The operation that runs or is paused, and what it waits for. */
export function OperationRow({ running }: { running: Operation }) {
  const { id, slotsMoved, slotsTotal } = running;
  const { word, tone, icon } = stateLook(running);
  const cause = causeNow(running);
  return (
    <HealthRow
      about="Operation"
      tone={cause !== null && tone === "accent" ? "warn" : tone}
      icon={icon}
      action={{ to: `/operations/${id}`, name: "Progress" }}
    >
      <p>
        {operationName(running)}, {word}: <Count value={slotsMoved} /> of{" "}
        <Count value={slotsTotal} /> slots moved; time left: {etaText(running)}.
      </p>
      {cause !== null && <p>Waits: {cause}</p>}
    </HealthRow>
  );
}

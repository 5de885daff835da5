import type { BreakerLine } from "../../routes/breakers.server.ts";
import { LinkButton, TextLink } from "../ui/button.tsx";
import { counted, formatDuration } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts, Meter } from "../ui/stat.tsx";
import { Badge } from "../ui/status.tsx";
import { Code, Count, Share, Time } from "../ui/values.tsx";
import { Countdown } from "./countdown.tsx";
import { arithmeticOf, badShareOf } from "./judgement.ts";
import { STATES } from "./states.ts";
import { type OrderAction, ORDER_TEXTS, ORDERS } from "./orders.ts";
import { Timeline } from "./timeline.tsx";

export type OrderingRight = { mayOrder: true } | { mayOrder: false; why: string };

interface BreakerPanelProps {
  breaker: BreakerLine;
  nowMs: number;
  right: OrderingRight;
  /** The order that waits for confirmation above. */
  order?: OrderAction | null;
  chosen?: boolean;
}

/** One breaker whole: its state, why, until when, what may be done about it. */
export function BreakerPanel(props: BreakerPanelProps) {
  const { breaker, nowMs, right, order = null, chosen = false } = props;
  const { shard, state, sinceMs, transitions, transitionsKept } = breaker;
  const { word, tone, icon, meaning } = STATES[state];
  return (
    <Panel
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {chosen ? shard : <TextLink to={`?shard=${shard}`}>{shard}</TextLink>}
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
        </span>
      }
      note={
        <>
          {meaning} Since <Time ms={sinceMs} />.
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Facts items={factsOf(breaker, nowMs)} />
        {right.mayOrder && order === null && <OrderLinks breaker={breaker} />}
        <section aria-label={`Transitions of ${shard}`}>
          <h3 className="text-sm font-medium">Transitions, newest first</h3>
          <Timeline transitions={transitions} />
          {transitionsKept > transitions.length && (
            <p className="text-sm">
              <TextLink to={`?shard=${shard}`}>All {transitionsKept} of them</TextLink>
            </p>
          )}
        </section>
      </div>
    </Panel>
  );
}

/** An order that changes nothing is not offered. */
export function ordersFor({ state }: BreakerLine): OrderAction[] {
  return ORDERS.filter(
    (order) =>
      !(order === "isolate" && state === "isolated") &&
      !(order === "disable" && state === "disabled"),
  );
}

function OrderLinks({ breaker }: { breaker: BreakerLine }) {
  return (
    <div className="flex flex-wrap gap-2">
      {ordersFor(breaker).map((order) => (
        <LinkButton key={order} to={`?shard=${breaker.shard}&order=${order}`}>
          {ORDER_TEXTS[order].verb}…<span className="sr-only"> {breaker.shard}</span>
        </LinkButton>
      ))}
    </div>
  );
}

type Fact = [name: string, value: React.ReactNode];

function factsOf(breaker: BreakerLine, nowMs: number): Fact[] {
  const { state, forced, lastFailure, slots, slotsShare, generation } = breaker;
  const facts: Fact[] = [];
  if (forced !== null)
    facts.push(["Order", <ForcedBy key="forced" forced={forced} nowMs={nowMs} />]);
  if (state === "open")
    facts.push(["Next probe", <NextProbe key="probe" {...{ breaker, nowMs }} />]);
  if (state === "half-open") facts.push(["Probes", probesText(breaker)]);
  if (state !== "isolated")
    facts.push([windowName(state), <WindowSum key="window" breaker={breaker} />]);
  facts.push([
    "Last failure",
    lastFailure === null ? "none" : <Code key="last">{lastFailure}</Code>,
  ]);
  facts.push([
    "Concerns",
    <span key="slots">
      {counted(slots, "slot")}, <Share part={slotsShare} whole={1} /> of all keys
    </span>,
  ]);
  facts.push(["Generation", <Count key="generation" value={generation} />]);
  return facts;
}

function windowName(state: BreakerLine["state"]): string {
  return state === "open" || state === "half-open" ? "It opened because" : "Window";
}

function WindowSum({ breaker }: { breaker: BreakerLine }) {
  const { sum, rule } = arithmeticOf(breaker);
  const { failureRatioToOpen } = breaker.settings;
  const share = badShareOf(breaker);
  return (
    <div className="flex flex-col gap-1">
      <p>{sum}</p>
      <Meter
        value={share}
        max={1}
        label="Failed or slow"
        text={sum}
        tone={share >= failureRatioToOpen ? "danger" : share > 0 ? "warn" : "ok"}
      />
      <p className="text-sm text-muted">It {rule}.</p>
    </div>
  );
}

function NextProbe({ breaker, nowMs }: { breaker: BreakerLine; nowMs: number }) {
  const { probeAtMs, settings } = breaker;
  if (probeAtMs === null) return "with the next call";
  return (
    <>
      <Countdown atMs={probeAtMs} nowMs={nowMs} over="due: goes out with the next call" />
      <p className="text-sm text-muted">
        It closes after {counted(settings.probeSuccessesToClose, "probe")} that succeed; one that
        fails opens it again for longer, at most {formatDuration(settings.openMsMax)}.
      </p>
    </>
  );
}

function probesText({ permitsOut, probeSuccesses, settings }: BreakerLine): string {
  return (
    `${permitsOut} of ${settings.probesMax} permits out, ` +
    `${probeSuccesses} of ${settings.probeSuccessesToClose} needed successes; ` +
    `a permit frees itself after ${formatDuration(settings.probeLeaseMs)}`
  );
}

function ForcedBy({
  forced,
  nowMs,
}: {
  forced: NonNullable<BreakerLine["forced"]>;
  nowMs: number;
}) {
  const { reason, by, expiresAtMs } = forced;
  return (
    <>
      <p>
        {/* Its letters may run from right to left; the name behind them must not. */}“
        <bdi>{reason}</bdi>” by {by}
      </p>
      {expiresAtMs === null ? (
        <p>Lasts until somebody resets it.</p>
      ) : (
        <p>
          Ends <Countdown atMs={expiresAtMs} nowMs={nowMs} over="now" />, at{" "}
          <Time ms={expiresAtMs} />; the breaker then closes.
        </p>
      )}
    </>
  );
}

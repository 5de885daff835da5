import { lazy, type ReactNode, Suspense } from "react";
import type { DeregisterFailure } from "../../routes/shards-deregister.server.ts";
import type { LogsResult, ShardPage, StatsResult } from "../../routes/shards-name.server.ts";
import { STATES } from "../breakers/states.ts";
import { TextLink } from "../ui/button.tsx";
import { counted, formatBytes, formatCount, formatShare } from "../ui/format.ts";
import { Page } from "../ui/page.tsx";
import { Panel, PanelAwait, Skeleton } from "../ui/panel.tsx";
import { Badge } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";
import { ShardMark } from "./shard-look.tsx";
import { FiguresSkeleton } from "./figures-skeleton.tsx";
import { SlotMap } from "./slot-map.tsx";
import { SLOTS } from "./slot-runs.ts";
import { LOCATIONS, STATE_TONE } from "./words.ts";

// Read last: their script comes after the first load, which has a budget.
const ShardStorage = lazy(async () => {
  const { ShardStorage: panel } = await import("./shard-storage.tsx");
  return { default: panel };
});
const ShardBreaker = lazy(() => import("./shard-breaker.tsx"));
const SlotMapNotes = lazy(() => import("./slot-map-notes.tsx"));
const ShardLogs = lazy(() => import("./shard-logs.tsx"));
const ShardActs = lazy(() => import("./shard-acts.tsx"));
const OperationOnShard = lazy(() => import("../operations/operation-on-shard.tsx"));
const ShardSilent = lazy(() => import("./shard-silent.tsx"));
const DeregisterPanel = lazy(() => import("./deregister-panel.tsx"));

interface ShardDetailsProps {
  name: string;
  page: ShardPage;
  badFrom: string | undefined;
  stats: Promise<StatsResult>;
  logs: Promise<LogsResult>;
  traffic: ReactNode;
  mayDeregister: boolean;
  mayDrain: boolean;
  mayRemove: boolean;
  mayOperate: boolean;
  failure: DeregisterFailure | undefined;
}

/** One shard: what the registry knows at once, what the shard itself tells as soon as it answers. */
export function ShardDetails(props: ShardDetailsProps) {
  const { name, page, stats, logs, traffic, mayRemove, mayOperate } = props;
  const { shard, breaker } = page;
  const operation = page.running ?? page.undoable;
  return (
    <Page
      title={name}
      parent={<TextLink to="/shards">Shards</TextLink>}
      status={
        <>
          <ShardMark number={shard.number} />
          <Badge tone={STATE_TONE[shard.state]}>{shard.state}</Badge>
          <Badge tone={STATES[shard.breaker].tone} icon="breaker">
            breaker {shard.breaker}
          </Badge>
        </>
      }
      note={<Note {...page} />}
      actions={
        <Suspense fallback={props.mayDrain && <div className="h-11 w-64" />}>
          <ShardActs {...props} />
        </Suspense>
      }
    >
      {operation !== null && (
        <Suspense fallback={null}>
          <OperationOnShard operation={operation} mayOperate={mayOperate} />
        </Suspense>
      )}
      <PanelAwait resolve={stats} what="The shard's figures" fallback={<FiguresSkeleton />}>
        {(result) =>
          result.kind === "answered" ? (
            <ShardStorage stats={result.value} />
          ) : (
            <ShardSilent failure={result} mayRemove={mayRemove} />
          )
        }
      </PanelAwait>
      {traffic}
      <div className="grid gap-4 lg:grid-cols-2 lg:items-start">
        <ShardSlots {...props} />
        <Suspense fallback={<Skeleton lines={4} label="Breaker" />}>
          <ShardBreaker name={name} breaker={breaker} />
        </Suspense>
      </div>
      <Suspense fallback={<Skeleton lines={10} label="Latest logs" />}>
        <ShardLogs name={name} state={shard.state} logs={logs} />
        <DeregisterPanel {...props} />
      </Suspense>
    </Page>
  );
}

function Note({ shard }: ShardPage) {
  const { slots, weight, locationHint, capacityBytes, registeredAtMs } = shard;
  const location = locationHint === null ? "location automatic" : LOCATIONS[locationHint];
  return (
    <>
      {counted(slots, "slot")} ({formatShare(slots, SLOTS)}), weight {weight},{" "}
      {formatBytes(capacityBytes)}, {location}; registered <Time ms={registeredAtMs} />
    </>
  );
}

function ShardSlots({ name, page, badFrom }: ShardDetailsProps) {
  const { shard, drawn, moving, names, ranges } = page;
  const total = `${formatCount(shard.slots)} of 16,384 slots in ${counted(ranges.total, "range")}`;
  if (shard.slots === 0 && moving.slots === 0) {
    return <Panel title="Slots">It owns none of the 16,384 slots, and none is on its way.</Panel>;
  }
  return (
    <Panel title="Slots" note={`${total}.`}>
      <SlotMap
        drawn={drawn}
        moving={moving.runs}
        shards={names}
        label={`Slot map: ${name} owns ${total}.`}
        marked={null}
        only={name}
      />
      <Suspense fallback={<Skeleton lines={1} label="Ranges" />}>
        <SlotMapNotes moving={moving} ranges={ranges} shards={[shard]} badFrom={badFrom} />
      </Suspense>
    </Panel>
  );
}

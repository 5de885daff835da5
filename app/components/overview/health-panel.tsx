import type { RegistryAnswer } from "../../ask-registry.server.ts";
import type { DatabaseHealth, RegistryHealth, ShardsHealth } from "../../overview.server.ts";
import { Panel, PanelAwait } from "../ui/panel.tsx";
import {
  BreakerProblems,
  OperationRow,
  RegistryFailure,
  RegistryInOrder,
} from "./registry-rows.tsx";
import { DatabaseRows, ShardRows } from "./remote-rows.tsx";
import { HealthRow } from "./health-row.tsx";

interface HealthPanelProps {
  nowMs: number;
  registry: RegistryAnswer<RegistryHealth>;
  shards: Promise<ShardsHealth>;
  database: Promise<DatabaseHealth>;
}

/**
 * What is wrong, first; what is right, in one line each. What others must be asked for stands in
 * between, so that it can come late without moving what was there.
 */
export function HealthPanel({ nowMs, registry, shards, database }: HealthPanelProps) {
  const known = registry.kind === "answered" ? registry.value : null;
  return (
    <Panel title="Health" flush>
      <ul className="divide-y divide-line border-t border-line">
        {registry.kind === "failed" && <RegistryFailure error={registry.error} />}
        {known && <BreakerProblems breakers={known.breakers} />}
        {known?.running && <OperationRow running={known.running} />}
        {known && known.shards.length > 0 && (
          <PanelAwait
            resolve={shards}
            what="The shards' health"
            fallback={<Asking about="Shards" what={`asking ${known.shards.length}…`} />}
          >
            {(value) => <ShardRows health={value} />}
          </PanelAwait>
        )}
        <PanelAwait
          resolve={database}
          what="The database's health"
          fallback={<Asking about="Database" what="asking…" />}
        >
          {(value) => <DatabaseRows health={value} nowMs={nowMs} />}
        </PanelAwait>
        {known && <RegistryInOrder health={known} />}
      </ul>
    </Panel>
  );
}

function Asking({ about, what }: { about: string; what: string }) {
  return (
    <HealthRow about={about} tone="neutral" icon="wait">
      {what}
    </HealthRow>
  );
}

import type { ShardSpec } from "../contracts/topology.ts";
import {
  LOG_RETENTION_DAYS_DEFAULT,
  LOG_ROWS_DEFAULT,
  SHARD_CALL_TIMEOUT_MS,
} from "../lib/limits.ts";
import { withinMs } from "../lib/within-ms.ts";
import type { ShardPorts } from "./operations/measure.ts";

type Shards = Env["CEPATEDGE_CACHE"];

/**
 * A shard that is removed by force is most likely gone; one that is not is closed within moments.
 * While it is waited for, and the others are told, nothing else of the topology can change.
 */
const RETIRE_TIMEOUT_MS = 1_000;

/** What the registry asks of shards: each call with a fresh stub, and limited in time. */
export function shardCalls(shards: Shards): ShardPorts {
  /** Only an object's first call ever honours the hint. */
  const shard = (name: string, options: DurableObjectNamespaceGetDurableObjectOptions = {}) =>
    shards.get(shards.idFromName(name), options);
  return {
    configure: ({ name, capacityBytes, locationHint }: ShardSpec, epoch) => {
      const hint = locationHint === null ? {} : { locationHint };
      const settings = {
        name,
        capacityBytes,
        logRetentionDays: LOG_RETENTION_DAYS_DEFAULT,
        logRowsMax: LOG_ROWS_DEFAULT,
      };
      return withinMs(SHARD_CALL_TIMEOUT_MS, shard(name, hint).configure(settings, epoch));
    },
    measureSlots: (name, groups, logTargets) =>
      withinMs(SHARD_CALL_TIMEOUT_MS, shard(name).measureSlots(groups, logTargets)),
    stats: (name) => withinMs(SHARD_CALL_TIMEOUT_MS, shard(name).stats()),
    wake: (name) => withinMs(SHARD_CALL_TIMEOUT_MS, shard(name).wake()),
    retire: (name, epoch) => withinMs(RETIRE_TIMEOUT_MS, shard(name).retire(epoch)),
    dropStages: (name, source, epoch, slots) => {
      // Newer than whatever the source has sent at an epoch below.
      const stream = { operation: "", source, epoch, stream: 0 };
      return withinMs(RETIRE_TIMEOUT_MS, shard(name).discard(stream, slots));
    },
  };
}

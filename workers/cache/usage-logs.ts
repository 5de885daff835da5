import type { LogPage, LogQuery, UsageLog } from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import { LOG_PAGE_ROWS_MAX } from "../lib/limits.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { startTimer } from "./collaborators.ts";
import { callEveryShard, type FanOutTools, isFailure, type ShardFailure } from "./shard-fan-out.ts";
import { shardNames } from "./shard-names.ts";
import { mergeLogs, type ShardLogs, shardsToReadOn, withPage } from "./usage-log-merge.ts";

/**
 * How often a page goes back to shards whose rows lie denser than the others'. A page that is not
 * full by then is handed out short, with the cursor to go on: filters that match little would
 * otherwise hold it up for as long as the log is long.
 */
const ROUNDS_MAX = 4;

export interface UsageLogsPage {
  /** Newest first, over all shards that answered. */
  logs: UsageLog[];
  /** Goes on as `before`. Null: nothing older is left. */
  next: string | null;
  /** Shards whose rows are missing on this page. */
  missing: ShardFailure[];
  /** Below this time retention has cut somewhere; null: nothing was ever removed. */
  retainedFromMs: number | null;
  rowsScanned: number;
}

/**
 * One page of every shard's usage logs, merged. Every shard is asked, also for the rows of one: a
 * shard that was drained has left its rows with others. Throws only where the registry can't be asked
 * which shards there are.
 *
 * @param query `limit` is 1…LOG_PAGE_ROWS_MAX; the cursor and the filters were checked at the door
 */
export async function listUsageLogs(env: Env, query: LogQuery): Promise<UsageLogsPage> {
  return await readUsageLogs(await shardNames(env), query, async (name, shardQuery) => {
    return await shardOf(env, name).listLogs(shardQuery);
  });
}

/** The rule under `listUsageLogs`: reads shards through `listLogs` until the page is full. */
export async function readUsageLogs(
  shards: string[],
  query: LogQuery,
  listLogs: (shard: string, query: LogQuery) => Promise<LogPage>,
  tools: FanOutTools = { nowMs: systemClock, startTimer },
): Promise<UsageLogsPage> {
  const rowsPerCall = rowsPerShard(query.limit, query.shards?.length ?? shards.length);
  const missing: ShardFailure[] = [];
  const pages: LogPage[] = [];
  let reads: ShardLogs[] = shards.map((shard) => {
    return { shard, logs: [], scannedTo: query.before ?? null };
  });
  let asked = shards;
  for (let round = 0; round < ROUNDS_MAX && asked.length > 0; round += 1) {
    const call = async (shard: string) => {
      const before = reads.find((read) => read.shard === shard)?.scannedTo ?? null;
      const cursor = before === null ? {} : { before };
      return await listLogs(shard, { ...query, ...cursor, limit: rowsPerCall });
    };
    for (const result of await callEveryShard(asked, call, tools)) {
      if (isFailure(result)) {
        missing.push(result);
        // What it told before it failed is left out too: the page names it as missing whole.
        reads = reads.filter(({ shard }) => shard !== result.shard);
      } else {
        const { shard, value } = result;
        pages.push(value);
        reads = reads.map((read) => (read.shard === shard ? withPage(read, value) : read));
      }
    }
    asked = shardsToReadOn(reads, query.limit);
  }
  const merged = mergeLogs(reads, query.limit);
  // Where no shard answered, the reader stays where he was.
  const next = reads.length === 0 ? (query.before ?? null) : merged.next;
  return { logs: merged.logs, next, missing, ...bounds(pages) };
}

/**
 * Slots are spread evenly, so a shard holds about limit / shards of the newest rows; three standard
 * deviations more let nearly every page come of one round.
 */
function rowsPerShard(limit: number, shards: number): number {
  const mean = limit / Math.max(1, shards);
  return Math.min(limit, LOG_PAGE_ROWS_MAX, Math.ceil(mean + 3 * Math.sqrt(mean)));
}

function bounds(pages: LogPage[]): Pick<UsageLogsPage, "retainedFromMs" | "rowsScanned"> {
  const cuts = pages.flatMap(({ retainedFromMs }) =>
    retainedFromMs === null ? [] : [retainedFromMs],
  );
  return {
    retainedFromMs: cuts.length === 0 ? null : Math.max(...cuts),
    rowsScanned: pages.reduce((sum, page) => sum + page.rowsScanned, 0),
  };
}

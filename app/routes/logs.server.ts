import type { LogQuery, UsageLog } from "../../workers/contracts.ts";
import { readUsageLogs, type UsageLogsPage } from "../../workers/cache/usage-logs.ts";
import type { ShardFailure } from "../../workers/cache/shard-fan-out.ts";
import { shardOf } from "../../workers/shard/shard-stub.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { type FilterErrors, type LogFilters, logsHref } from "../components/logs/filters.ts";
import { rowsAround } from "./logs-neighbours.server.ts";
import { type LogQuestion, type LogsQueryAnswer, withUnknownShards } from "./logs-query.server.ts";

/** What a page shows of the list; the links that go on from it are part of it. */
export interface LogsPage {
  logs: UsageLog[];
  /** Null: nothing older is left in the chosen time. */
  older: string | null;
  missing: ShardFailure[];
  retainedFromMs: number | null;
  rowsScanned: number;
}

/** The names of all shards, or the sentence that says why they are not known. */
export async function readShardNames(env: Env) {
  return await askRegistry(env, async (registry) => {
    const { shards } = await registry.topology();
    return shards.map(({ name }) => name);
  });
}

/**
 * What stands where the rows are. Rows come as a promise, so that no shard holds up the page; shards are
 * asked from `begin` on.
 */
export async function readLogsAnswer(env: Env, given: LogsQueryAnswer, begin: Promise<void>) {
  const registry = await readShardNames(env);
  const names = registry.kind === "answered" ? registry.value : null;
  const asked = withUnknownShards(given, names);
  if (asked.kind === "bad") return { kind: "bad", ...refusalOf(asked) } as const;
  if (registry.kind === "failed") return { kind: "failed", error: registry.error } as const;
  const { at, filters, before, isClosed, toMs, fromMs } = asked;
  const { value: known } = registry;
  if (at !== null) {
    const rows = begin.then(() => readNeighbours(env, known, { ...asked, at }));
    return { kind: "around", at, rows, newest: logsHref(filters) } as const;
  }
  return {
    kind: "page",
    self: logsHref(filters, before === null ? {} : { before }),
    rows: begin.then(() => readLogsPage(env, known, asked)),
    /** Null: this is the newest page. */
    newest: before === null ? null : logsHref(filters),
    isLive: before === null && !isClosed,
    fromMs,
    toMs,
    hasShards: known.length > 0,
  } as const;
}

/** The first thing that is wrong, and the filters without what is wrong. */
function refusalOf({ filters, errors }: { filters: LogFilters; errors: FilterErrors }) {
  const good: LogFilters = { ...filters };
  if (errors.shard !== undefined) good.shard = [];
  for (const name of [
    "type",
    "operation",
    "outcome",
    "prefix",
    "range",
    "from",
    "to",
    "rows",
  ] as const) {
    if (errors[name] !== undefined) good[name] = "";
  }
  const told = errors.before ?? errors.at ?? errors.shard;
  return { good, message: told ?? "A filter was not understood." };
}

/** One page of the list that the question asks for. Never rejects for a shard. */
export async function readLogsPage(
  env: Env,
  names: string[],
  { filters, query }: LogQuestion,
): Promise<LogsPage> {
  const { next, ...page } = await listLogs(env, names, query);
  return { ...page, older: next === null ? null : logsHref(filters, { before: next }) };
}

/** A row amid its neighbours, as the page shows it. */
export interface Neighbourhood extends LogsPage {
  /** The key that was asked for; it may be among `logs` or gone. */
  at: string;
  found: boolean;
}

/** The rows around a key, of every shard or of the chosen ones; no other filter counts. */
export async function readNeighbours(
  env: Env,
  names: string[],
  { filters, shards, at }: LogQuestion & { at: string },
): Promise<Neighbourhood> {
  const written = shards.length === 0 ? {} : { shards };
  const list = (query: LogQuery) => listLogs(env, names, { ...query, ...written });
  const { next, ...around } = await rowsAround(list, at);
  return { ...around, at, older: next === null ? null : logsHref(filters, { before: next }) };
}

function listLogs(env: Env, names: string[], query: LogQuery): Promise<UsageLogsPage> {
  return readUsageLogs(names, query, async (name, asked) => {
    return await shardOf(env, name).listLogs(asked);
  });
}

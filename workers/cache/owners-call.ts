import type {
  CacheGetManyAnswer,
  FenceAnswer,
  GetAnswer,
  KeyAnswer,
  Placement,
  ShardRoutes,
  Unavailable,
} from "../contracts.ts";
import { ROUTE_ATTEMPTS_MAX } from "../lib/limits.ts";
import { reportOf, sendReports } from "./breaker-report.ts";
import type { Collaborators } from "./collaborators.ts";
import { type CallManner, grantedCall } from "./granted-call.ts";
import {
  askRegistry,
  isFenceAnswer,
  noAnswerFrom,
  refusalOf,
  RETRY_AFTER_MS,
  SHARD_CALL_LIMITS,
  waitBeforeAttempt,
} from "./route-attempts.ts";

/**
 * Bytes of values in one answer. It must fit one RPC message (32 MiB), and an isolate of 128 MB
 * that also writes it as base64.
 */
export const GET_MANY_BYTES_MAX = 16 * 1_048_576;

const READ_MANNER: CallManner = { repeatable: true, limits: SHARD_CALL_LIMITS };

interface AskedKey {
  /** Position in the keys that the caller asked for. */
  position: number;
  key: string;
}

interface PlacedKey extends AskedKey {
  at: Placement;
}

type ShardRead = { asked: PlacedKey; answer: KeyAnswer | FenceAnswer }[];

/**
 * Reads many keys: one request to the registry, one to each shard that owns some of them, all
 * shards at once. Keys whose slot moved in between are asked for again; the others are not.
 *
 * @param keys 1…KEYS_PER_REQUEST_MAX
 */
export async function readFromOwners(
  tools: Collaborators,
  type: string,
  keys: string[],
): Promise<CacheGetManyAnswer> {
  const answers: KeyAnswer[] = Array.from({ length: keys.length });
  let bytesLeft = GET_MANY_BYTES_MAX;
  let pending: AskedKey[] = keys.map((key, position) => ({ position, key }));
  for (let attempt = 0; ; attempt += 1) {
    const routes = await routesFor(tools, type, pending);
    if (routes.kind !== "routes") {
      // Before the first read it is the whole answer; later it can only concern what is left.
      if (attempt === 0 || routes.kind === "denied") return routes;
      const left = routes.kind === "unavailable" ? routes : slotMoving(null, routes.retryAfterMs);
      for (const { position } of pending) answers[position] = left;
      return { kind: "answers", answers };
    }
    const reads = (await readShards(tools, type, routes.shards, pending)).flat();

    const fenced: FenceAnswer[] = [];
    const moved: PlacedKey[] = [];
    for (const { asked, answer } of reads) {
      if (isFenceAnswer(answer)) {
        fenced.push(answer);
        moved.push(asked);
        continue;
      }
      if (answer.kind === "hit") bytesLeft -= answer.entry.value.byteLength;
      const fits = answer.kind !== "hit" || bytesLeft >= 0;
      answers[asked.position] = fits ? answer : answerFull(asked.at);
    }
    if (moved.length === 0) return { kind: "answers", answers };
    if (bytesLeft <= 0 || attempt === ROUTE_ATTEMPTS_MAX) {
      for (const { position, at } of moved) {
        answers[position] = bytesLeft <= 0 ? answerFull(at) : slotMoving(at, RETRY_AFTER_MS);
      }
      return { kind: "answers", answers };
    }
    pending = moved;
    await waitBeforeAttempt(tools, attempt, fenced);
  }
}

async function routesFor(tools: Collaborators, type: string, asked: AskedKey[]) {
  const caller = { ...tools.caller, access: "read" as const };
  const keys = asked.map(({ key }) => key);
  const routes = await askRegistry(tools, (registry) =>
    registry.getActiveInstancesFor(type, keys, caller),
  );
  return routes.kind === "routes" || routes.kind === "unavailable" ? routes : refusalOf(routes);
}

async function readShards(
  tools: Collaborators,
  type: string,
  shards: ShardRoutes[],
  asked: AskedKey[],
): Promise<ShardRead[]> {
  const reads = await Promise.all(
    shards.map((routes) => readShard(tools, type, routes, placedKeys(routes, asked))),
  );
  sendReports(
    tools,
    reads.map(({ report }) => report),
  );
  return reads.map(({ read }) => read);
}

function placedKeys({ shard, keys }: ShardRoutes, asked: AskedKey[]): PlacedKey[] {
  return keys.flatMap(({ index, slot, epoch }) => {
    const key = asked[index];
    return key === undefined ? [] : [{ ...key, at: { shard, slot, epoch } }];
  });
}

async function readShard(
  tools: Collaborators,
  type: string,
  { shard, breaker }: ShardRoutes,
  placed: PlacedKey[],
) {
  if (breaker.kind === "deny") {
    const { retryAfterMs } = breaker;
    const read: ShardRead = placed.map((asked) => {
      return { asked, answer: { kind: "bypass", retryAfterMs, at: asked.at } };
    });
    return { read, report: null };
  }
  const fenced = placed.map(({ key, at: { slot, epoch } }) => ({ key, fence: { slot, epoch } }));
  const send = async () => await tools.shardOf(shard).getEntries(type, fenced);
  const result = await grantedCall(send, breaker, READ_MANNER, tools);
  const ended = reportOf(shard, breaker, result, tools.caller.reporter);
  // The other shards of this read may take longer than a probe's permit lives.
  const isProbe = breaker.kind === "probe";
  if (isProbe) sendReports(tools, [ended]);
  const report = isProbe ? null : ended;
  if (result.kind === "failed") {
    return { read: placed.map((asked) => failedRead(asked)), report };
  }
  const { answers } = result.answer;
  const read: ShardRead = placed.map((asked, index) => {
    const answer = answers[index];
    if (answer === undefined) return failedRead(asked);
    return { asked, answer: keyAnswer(answer, asked.at) };
  });
  return { read, report };
}

function keyAnswer(answer: GetAnswer, at: Placement): KeyAnswer | FenceAnswer {
  return isFenceAnswer(answer) ? answer : { ...answer, at };
}

function failedRead(asked: PlacedKey): ShardRead[number] {
  const message = noAnswerFrom(asked.at.shard);
  const retryAfterMs = RETRY_AFTER_MS;
  const code = "shard-unavailable";
  return { asked, answer: { kind: "unavailable", code, message, retryAfterMs, at: asked.at } };
}

function slotMoving(at: Placement | null, retryAfterMs: number): Unavailable {
  const message = "The key's slot is changing hands; it could not be read.";
  return { kind: "unavailable", code: "slot-moving", message, retryAfterMs, at };
}

function answerFull(at: Placement): Unavailable {
  const message = `The values are more than ${GET_MANY_BYTES_MAX} bytes: ask for this key alone.`;
  return { kind: "unavailable", code: "answer-full", message, retryAfterMs: 0, at };
}

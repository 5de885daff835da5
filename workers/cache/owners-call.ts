import type {
  CacheGetManyAnswer,
  Caller,
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
 * Bytes of values in one answer, and of all that is on its way from shards at a time. It must fit
 * one RPC message (32 MiB), and an isolate of 128 MB that also writes it as base64.
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

/** What a shard answers for a value that its share of the bytes does not hold. */
const ANSWER_FULL = { kind: "moving", retryAfterMs: 0 } as const satisfies FenceAnswer;

type ShardRead = { asked: PlacedKey; answer: KeyAnswer | FenceAnswer }[];

/**
 * Reads many keys: one request to the registry, one to each shard that owns some of them, all
 * shards at once. Keys whose slot moved in between are asked for again; the others are not.
 *
 * At first each shard answers with at most its equal share of the bytes. Keys that find no room in
 * it are asked for once more, one shard after the other, each with all the bytes that are left then;
 * those for which none is left are told to be asked for alone.
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
  const full: PlacedKey[] = [];
  for (let attempt = 0; ; attempt += 1) {
    const routes = await routesFor(tools, type, pending, attempt > 0);
    if (routes.kind !== "routes") {
      // Before the first read it is the whole answer; later it can only concern what is left.
      if (attempt === 0 || routes.kind === "denied") return routes;
      const left = routes.kind === "unavailable" ? routes : slotMoving(null, routes.retryAfterMs);
      for (const { position } of pending) answers[position] = left;
      for (const { position, at } of full) answers[position] = answerFull(at);
      return { kind: "answers", answers };
    }
    const readShards = attempt === 0 ? readSideBySide : readInTurn;
    const reads = (await readShards(tools, type, routes.shards, pending, bytesLeft)).flat();

    const fenced: FenceAnswer[] = [];
    const moved: PlacedKey[] = [];
    for (const { asked, answer } of reads) {
      const bytes = bytesOf(answer);
      // Only a shard of an older version, which knows no share, answers with more than is left.
      if (isFull(answer) || bytes > bytesLeft) {
        full.push(asked);
      } else if (isFenceAnswer(answer)) {
        fenced.push(answer);
        moved.push(asked);
      } else {
        bytesLeft -= bytes;
        answers[asked.position] = answer;
      }
    }
    const isLast = attempt === ROUTE_ATTEMPTS_MAX;
    const hasRoom = attempt === 0 && bytesLeft > 0;
    pending = hasRoom ? [...moved, ...full.splice(0)] : moved;
    if (isLast || pending.length === 0) {
      for (const { position, at } of moved) answers[position] = slotMoving(at, RETRY_AFTER_MS);
      for (const { position, at } of full) answers[position] = answerFull(at);
      return { kind: "answers", answers };
    }
    await waitBeforeAttempt(tools, attempt, fenced);
  }
}

async function routesFor(tools: Collaborators, type: string, asked: AskedKey[], isRepeat: boolean) {
  const caller: Caller = { ...tools.caller, access: "read", ...(isRepeat && { isRepeat }) };
  const keys = asked.map(({ key }) => key);
  const routes = await askRegistry(tools, (registry) =>
    registry.getActiveInstancesFor(type, keys, caller),
  );
  return routes.kind === "routes" || routes.kind === "unavailable" ? routes : refusalOf(routes);
}

async function readSideBySide(
  tools: Collaborators,
  type: string,
  shards: ShardRoutes[],
  asked: AskedKey[],
  bytesLeft: number,
): Promise<ShardRead[]> {
  const share = Math.floor(bytesLeft / shards.length);
  const reads = await Promise.all(
    shards.map((routes) => readShard(tools, type, routes, placedKeys(routes, asked), share)),
  );
  sendReports(
    tools,
    reads.map(({ report }) => report),
  );
  return reads.map(({ read }) => read);
}

/** So that no byte is kept free for a shard that has nothing to fill it with. */
async function readInTurn(
  tools: Collaborators,
  type: string,
  shards: ShardRoutes[],
  asked: AskedKey[],
  bytesLeft: number,
): Promise<ShardRead[]> {
  const reads: ShardRead[] = [];
  let left = bytesLeft;
  for (const routes of shards) {
    const placed = placedKeys(routes, asked);
    if (left <= 0) {
      reads.push(placed.map((key) => ({ asked: key, answer: ANSWER_FULL })));
      continue;
    }
    const { read, report } = await readShard(tools, type, routes, placed, left);
    sendReports(tools, [report]);
    reads.push(read);
    for (const { answer } of read) left -= bytesOf(answer);
  }
  return reads;
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
  bytesMax: number,
) {
  if (breaker.kind === "deny") {
    const { retryAfterMs } = breaker;
    const read: ShardRead = placed.map((asked) => {
      return { asked, answer: { kind: "bypass", retryAfterMs, at: asked.at } };
    });
    return { read, report: null };
  }
  const fenced = placed.map(({ key, at: { slot, epoch } }) => ({ key, fence: { slot, epoch } }));
  const send = async () => await tools.shardOf(shard).getEntries(type, fenced, bytesMax);
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

function bytesOf(answer: KeyAnswer | FenceAnswer): number {
  return answer.kind === "hit" ? answer.entry.value.byteLength : 0;
}

function isFull(answer: KeyAnswer | FenceAnswer): boolean {
  return answer.kind === "moving" && answer.retryAfterMs === ANSWER_FULL.retryAfterMs;
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
  const message = `No room is left in the answer's ${GET_MANY_BYTES_MAX} bytes: ask for it alone.`;
  return { kind: "unavailable", code: "answer-full", message, retryAfterMs: 0, at };
}

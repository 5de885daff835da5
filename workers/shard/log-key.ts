/**
 * Keys of usage logs: `usage:log:<timestamp>:<randomId>`. Within one shard they strictly increase:
 * the timestamp never goes back, and within one millisecond the random part counts up, as in
 * ULID's monotonic mode (https://github.com/ulid/spec#monotonicity).
 */
const PREFIX = "usage:log:";
/** Above every key: ';' follows ':' in ASCII. */
export const KEYS_END = "usage:log;";
const TIMESTAMP_DIGITS = 15;
const TIMESTAMP_START = PREFIX.length;
const ID_START = TIMESTAMP_START + TIMESTAMP_DIGITS + 1;
const HALF_CHARS = 8;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** The 80 random bits are kept as two halves of 40, which a double holds exactly. */
export const ID_HALF_BITS = 40;
const HALF_END = 2 ** ID_HALF_BITS;

/** Two characters for every ten bits, so that a half takes four steps. */
const PAIR_COUNT = 1_024;
const PAIRS = Array.from(
  { length: PAIR_COUNT },
  (_, bits) => ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31),
);

const TIMESTAMP_MS_MAX = 10 ** TIMESTAMP_DIGITS - 1;

/** What every key of this millisecond, or a later one, is at least; and every earlier one below. */
export function logKeyFloor(atMs: number): string {
  const clamped = Math.min(Math.max(Math.ceil(atMs), 0), TIMESTAMP_MS_MAX);
  return `${PREFIX}${String(clamped).padStart(TIMESTAMP_DIGITS, "0")}:`;
}

export function logKeyTime(key: string): number {
  return Number(key.slice(TIMESTAMP_START, TIMESTAMP_START + TIMESTAMP_DIGITS));
}

export class LogKeys {
  readonly #randomHalf: () => number;
  #atMs = -1;
  #floor = "";
  #high = 0;
  #low = 0;
  #highText = "";

  /**
   * Goes on after `last`, the newest key ever given out ('' for none). `randomHalf` gives
   * `ID_HALF_BITS` random bits as an integer.
   */
  constructor(last: string, randomHalf: () => number) {
    this.#randomHalf = randomHalf;
    if (last === "") return;
    this.#atMs = logKeyTime(last);
    this.#floor = logKeyFloor(this.#atMs);
    this.#setHigh(decodeHalf(last.slice(ID_START, ID_START + HALF_CHARS)));
    this.#low = decodeHalf(last.slice(ID_START + HALF_CHARS));
  }

  /** Always above every key before it, also where `nowMs` has gone back. */
  next(nowMs: number): string {
    if (nowMs > this.#atMs) {
      this.#startMillisecond(nowMs);
    } else if (this.#low + 1 < HALF_END) {
      this.#low += 1;
    } else if (this.#high + 1 < HALF_END) {
      this.#setHigh(this.#high + 1);
      this.#low = 0;
    } else {
      this.#startMillisecond(this.#atMs + 1);
    }
    return this.#floor + this.#highText + encodeHalf(this.#low);
  }

  #startMillisecond(atMs: number): void {
    this.#atMs = atMs;
    this.#floor = logKeyFloor(atMs);
    this.#setHigh(this.#randomHalf());
    this.#low = this.#randomHalf();
  }

  #setHigh(high: number): void {
    this.#high = high;
    this.#highText = encodeHalf(high);
  }
}

function encodeHalf(half: number): string {
  const upper = Math.floor(half / PAIR_COUNT ** 2);
  const lower = half % PAIR_COUNT ** 2;
  return pair(upper >> 10) + pair(upper & 1023) + pair(lower >> 10) + pair(lower & 1023);
}

function pair(index: number): string {
  return PAIRS[index] ?? "";
}

function decodeHalf(text: string): number {
  let half = 0;
  for (const character of text) half = half * 32 + ALPHABET.indexOf(character);
  return half;
}

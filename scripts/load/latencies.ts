/** A bucket's upper end is this much above its lower one: the error of a percentile, in parts. */
const BUCKET_GROWTH = 1.01;
const SHORTEST_MS = 0.01;
/** Anything longer counts into the last bucket; `maxMs` still tells it exactly. */
const LONGEST_MS = 600_000;

const BUCKETS = Math.ceil(Math.log(LONGEST_MS / SHORTEST_MS) / Math.log(BUCKET_GROWTH)) + 1;

/**
 * Durations in buckets that grow geometrically, so that a run of any length takes 15 kB and a
 * percentile is at most 1% above the truth; the idea of HdrHistogram (http://hdrhistogram.org).
 */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  count = 0;
  maxMs = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(ms / SHORTEST_MS) / Math.log(BUCKET_GROWTH));
    const index = Math.min(Math.max(bucket, 0), BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.count += 1;
    this.maxMs = Math.max(this.maxMs, ms);
  }

  /** The duration that this share (0…1) of all stay within, in milliseconds; null without any. */
  percentile(share: number): number | null {
    if (this.count === 0) return null;
    const wanted = Math.max(1, Math.ceil(share * this.count));
    let counted = 0;
    const bucket = this.#counts.findIndex((count) => (counted += count) >= wanted);
    return Math.min(SHORTEST_MS * BUCKET_GROWTH ** bucket, this.maxMs);
  }
}

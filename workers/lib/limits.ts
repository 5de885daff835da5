/**
 * The bounds that more than one folder leans on. A bound that only one folder knows lives there.
 * Sizes are bytes, times are milliseconds, unless the name says otherwise.
 */

/** Slots, as in Redis Cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
export const SLOT_COUNT = 16_384;

/** A key in UTF-8. Cloudflare's own Cache API and Workers KV stop at 512 bytes; so do we. */
export const KEY_BYTES_MAX = 512;

/** A value. SQLite in a Durable Object takes 2 MB a row; half of it leaves room for the rest of the row. */
export const VALUE_BYTES_MAX = 1_048_576;

export const CONTENT_TYPE_LENGTH_MAX = 255;

/** Keys of one `getMany`. */
export const KEYS_PER_REQUEST_MAX = 100;

/** Ten years: longer than any cache entry should live, short enough to keep arithmetic exact. */
export const TTL_SECONDS_MAX = 315_360_000;

/** Rows of one page of usage logs. */
export const LOG_PAGE_ROWS_MAX = 1_000;

/** Shards that one registry keeps. Above it the topology no longer fits one page or one answer. */
export const SHARDS_MAX = 256;

/** Times one operation asks the registry again after a shard answered `moved` or `moving`. */
export const ROUTE_ATTEMPTS_MAX = 8;

/** A call to a shard that takes longer than this failed. */
export const SHARD_CALL_TIMEOUT_MS = 5_000;

/** A call to a shard that takes longer than this is reported as slow. */
export const SHARD_CALL_SLOW_MS = 1_000;

const GIB = 1_073_741_824;

/** What a shard's entries may weigh together: a tenth of what an object may store (10 GB). */
export const CAPACITY_BYTES_DEFAULT = GIB;

/** The rest of what an object may store is for the logs, for moves and for SQLite. */
export const CAPACITY_BYTES_MAX = 8 * GIB;

/** Usage logs older than this go. */
export const LOG_RETENTION_DAYS_DEFAULT = 7;

/** Usage logs of one shard; above it the oldest go. About 100 MB of rows. */
export const LOG_ROWS_DEFAULT = 1_000_000;

/**
 * Slots that the registry offers a source at once. They are frozen together, and the pause grows
 * with their number: measured under load, half of the batches paused for 48 ms at 512 slots, for
 * 12 ms at 128, for 8 ms at 64.
 */
export const MOVE_ORDER_SLOTS_MAX = 64;

/** Slots of an operation that one page shows. */
export const SLOT_MOVES_PAGE_MAX = 256;

/** An operation that runs this long without a commit, a log or a cleaned slot says why. */
export const STALLED_AFTER_MS = 15_000;

/**
 * How long a drained shard keeps logs that are with their targets. No reader of a listing that began
 * before the copy was complete is still at it after this: a page is a request of its own, and a
 * request that lists asks within seconds.
 */
export const LOG_READERS_MS = 60_000;

/** How long what an operation has moved can be taken back, while the registry remembers it. */
export const UNDO_WITHIN_MS = 86_400_000;

/**
 * Operations that the registry remembers: more than one every 90 s for as long as they can be
 * undone. What is kept of one to undo it is at most some 33 KB, so all of them together 33 MB.
 */
export const OPERATIONS_MAX = 1_000;

/**
 * What a name may look like. Plain regular expressions: zod checks them at the boundary,
 * and a browser form can use `.source` as its `pattern`.
 */

/** The kind of a cache entry (`session`, `product`). */
export const TYPE_PATTERN = /^[a-z][a-z0-9-]{0,31}$/;

/** A shard's name; it is also the name of its Durable Object, so it never changes its meaning. */
export const SHARD_NAME_PATTERN = /^[a-z][a-z0-9-]{0,62}$/;

/** `usage:log:<timestamp>:<randomId>`: 15 digits of milliseconds, 16 characters of Crockford base32. */
export const LOG_KEY_PATTERN = /^usage:log:[0-9]{15}:[0-9a-hjkmnp-tv-z]{16}$/;

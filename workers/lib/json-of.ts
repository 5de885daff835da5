declare const content: unique symbol;

/**
 * A value on its way through a call between objects, as JSON: one string crosses at a lower price
 * than an object with what the platform hangs on it. Of a whole request that asks the registry for a
 * route it is 1–2% of the processor's time (local workerd, interleaved with answers as objects).
 * `T` has to survive JSON: no bytes, no dates, no Map.
 */
export type JsonOf<T> = string & { readonly [content]?: T };

export function toJson<T>(value: T): JsonOf<T> {
  return JSON.stringify(value);
}

/** What `toJson` was given, at the other end of a call between our own objects. */
export function fromJson<T>(json: JsonOf<T>): T {
  const value: T = JSON.parse(json);
  return value;
}

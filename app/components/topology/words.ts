import type { BreakerStateName, LocationHint, ShardState } from "../../../workers/contracts.ts";
import type { Tone } from "../ui/status.tsx";

/** What one object may store at most: https://developers.cloudflare.com/durable-objects/platform/limits/ */
export const OBJECT_BYTES_MAX = 10_000_000_000;

/** Cloudflare's location hints, as people call them. */
export const LOCATIONS: Record<LocationHint, string> = {
  wnam: "Western North America",
  enam: "Eastern North America",
  sam: "South America",
  weur: "Western Europe",
  eeur: "Eastern Europe",
  apac: "Asia-Pacific",
  oc: "Oceania",
  afr: "Africa",
  me: "Middle East",
};

export const STATE_TONE: Record<ShardState, Tone> = {
  active: "ok",
  draining: "accent",
  drained: "neutral",
};

export const BREAKER_TONE: Record<BreakerStateName, Tone> = {
  closed: "ok",
  open: "danger",
  "half-open": "warn",
  isolated: "warn",
  disabled: "warn",
};

export const BREAKER_MEANING: Record<BreakerStateName, string> = {
  closed: "The shard is called.",
  open: "Nothing calls the shard: reads bypass it, writes fail.",
  "half-open": "A few calls go through, to see whether it works again.",
  isolated: "An operator has taken it out: reads bypass it, writes fail.",
  disabled: "An operator has switched its breaker off: it is called whatever happens.",
};

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

import type { LocationHint, ShardState } from "../../../workers/contracts.ts";
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

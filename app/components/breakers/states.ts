import type { BreakerStateName } from "../../../workers/contracts.ts";
import type { IconName } from "../ui/icon.tsx";
import type { Tone } from "../ui/status.tsx";

/** How a state looks, and what it means for callers. */
export const STATES: Record<
  BreakerStateName,
  { word: string; tone: Tone; icon: IconName; meaning: string }
> = {
  open: {
    word: "Open",
    tone: "danger",
    icon: "alert",
    meaning: "Nothing calls the shard: reads answer bypass, writes fail with 503.",
  },
  "half-open": {
    word: "Half-open",
    tone: "warn",
    icon: "wait",
    meaning: "A few probes call the shard; everything else is answered as if it were open.",
  },
  isolated: {
    word: "Isolated",
    tone: "warn",
    icon: "pause",
    meaning: "By an operator's order nothing calls the shard.",
  },
  disabled: {
    word: "Disabled",
    tone: "warn",
    icon: "info",
    meaning: "By an operator's order everything calls the shard, however many calls fail.",
  },
  closed: { word: "Closed", tone: "ok", icon: "check", meaning: "Calls go to the shard." },
};

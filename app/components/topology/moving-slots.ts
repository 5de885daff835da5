import type { MovingRange } from "../../../workers/contracts.ts";
import { drawnSlots, type SlotRun } from "./slot-runs.ts";

/** What the map draws of the slots that are on their way, each under the shard it goes to. */
export interface MovingSlots {
  /** At most as many as the map draws of owners; of more, neighbours are drawn as one. */
  runs: SlotRun[];
  slots: number;
  targets: string[];
}

export function movingSlots(moving: readonly MovingRange[]): MovingSlots {
  const towards = moving.map(({ first, last, target }) => ({
    first,
    last,
    shard: target,
    epoch: 0,
  }));
  return {
    runs: drawnSlots(towards).runs,
    slots: moving.reduce((sum, { first, last }) => sum + last - first + 1, 0),
    targets: [...new Set(moving.map(({ target }) => target))],
  };
}

import type { SlotRange } from "../../../workers/contracts.ts";

/** The same number as in workers/lib/limits.ts, which no component may import; a test compares. */
export const SLOTS = 16_384;

/** Slots of one line of the map. */
export const SLOTS_PER_ROW = 1_024;

/** Runs that are drawn at most: more would be thinner than a pixel, and the page heavy. */
export const RUNS_DRAWN_MAX = 512;

/** A stretch of the map. `mixed`: others own a part of it too, each smaller than this shard's. */
export interface SlotRun extends SlotRange {
  mixed: boolean;
}

export interface DrawnSlots {
  runs: SlotRun[];
  /** 1: every range is drawn as it is. Higher: so many slots are drawn as one, by their majority. */
  slotsPerCell: number;
}

/** What the map draws. With more ranges than `runsMax`, neighbouring slots are drawn as one. */
export function drawnSlots(
  ranges: readonly SlotRange[],
  runsMax: number = RUNS_DRAWN_MAX,
): DrawnSlots {
  if (ranges.length <= runsMax) {
    return { runs: ranges.map((range) => ({ ...range, mixed: false })), slotsPerCell: 1 };
  }
  for (let slotsPerCell = 2; slotsPerCell < SLOTS; slotsPerCell *= 2) {
    const runs = joinEqual(cellsOf(ranges, slotsPerCell));
    if (runs.length <= runsMax) return { runs, slotsPerCell };
  }
  return { runs: cellsOf(ranges, SLOTS), slotsPerCell: SLOTS };
}

/** The part of a run that lies in one row of the map. */
export interface RunSegment {
  run: SlotRun;
  row: number;
  /** Of the row's width, 0…1. */
  start: number;
  width: number;
}

export function segmentsOf(runs: readonly SlotRun[]): RunSegment[] {
  return runs.flatMap((run) => {
    const segments: RunSegment[] = [];
    for (let first = run.first; first <= run.last;) {
      const row = Math.floor(first / SLOTS_PER_ROW);
      const last = Math.min(run.last, (row + 1) * SLOTS_PER_ROW - 1);
      const start = (first - row * SLOTS_PER_ROW) / SLOTS_PER_ROW;
      segments.push({ run, row, start, width: (last - first + 1) / SLOTS_PER_ROW });
      first = last + 1;
    }
    return segments;
  });
}

/** The run that a slot lies in; null where nobody owns it. */
export function runAt<Range extends SlotRange>(ranges: readonly Range[], slot: number) {
  return ranges.find(({ first, last }) => first <= slot && slot <= last) ?? null;
}

/** Each cell by whoever owns the most of it, at the newest of that shard's epochs in it. */
function cellsOf(ranges: readonly SlotRange[], slotsPerCell: number): SlotRun[] {
  const cells: SlotRun[] = [];
  let next = 0;
  for (let first = 0; first < SLOTS; first += slotsPerCell) {
    const last = first + slotsPerCell - 1;
    const owned = new Map<string, { slots: number; epoch: number }>();
    while ((ranges[next]?.last ?? SLOTS) < first) next += 1;
    for (let index = next; (ranges[index]?.first ?? SLOTS) <= last; index += 1) {
      const range = ranges[index];
      if (range === undefined) break;
      const slots = Math.min(last, range.last) - Math.max(first, range.first) + 1;
      const known = owned.get(range.shard) ?? { slots: 0, epoch: 0 };
      const epoch = Math.max(known.epoch, range.epoch);
      owned.set(range.shard, { slots: known.slots + slots, epoch });
    }
    const owners = [...owned].toSorted(([, a], [, b]) => b.slots - a.slots);
    const [top] = owners;
    if (top === undefined) continue;
    cells.push({ first, last, shard: top[0], epoch: top[1].epoch, mixed: owners.length > 1 });
  }
  return cells;
}

function joinEqual(cells: readonly SlotRun[]): SlotRun[] {
  const runs: SlotRun[] = [];
  for (const cell of cells) {
    const run = runs.at(-1);
    if (run?.last === cell.first - 1 && run.shard === cell.shard && run.epoch === cell.epoch) {
      runs[runs.length - 1] = { ...run, last: cell.last, mixed: run.mixed || cell.mixed };
    } else {
      runs.push(cell);
    }
  }
  return runs;
}

import type { Measurement } from "./measurements.ts";
import { GET_LANES, type GetPath } from "./protocol.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import type { Verdict } from "./targets.ts";

/** Lines of columns, the first to the left and the others to the right, as wide as they need. */
export function alignColumns(lines: readonly string[][]): string[] {
  const widths: number[] = [];
  for (const cells of lines) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return lines.map((cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
}

/** The measured figures: what, the median, the range; or why there is none. */
export function figureLines(
  measurements: readonly Measurement[],
  figures: ReadonlyMap<string, readonly number[]>,
  refusals: ReadonlyMap<string, string>,
): string[][] {
  return measurements.map(({ id, label, unit }) => {
    const values = figures.get(id);
    if (values === undefined) return [label, "refused", refusals.get(id) ?? "", ""];
    const { median, min, max } = spreadOf(values);
    return [label, `${count(median)} ${unit}`, `${count(min)}–${count(max)}`];
  });
}

/** What each of the gets is, once for all that take the same way. */
export function laneLines(measurements: readonly Measurement[]): string[] {
  const lines = new Map<GetPath, string>();
  for (const { path, label } of measurements) {
    if (path === undefined || lines.has(path)) continue;
    lines.set(path, `${label}: ${GET_LANES[path]}.`);
  }
  return [...lines.values()];
}

export function verdictLines(verdicts: readonly Verdict[]): string[][] {
  return verdicts.map(({ target, ratio, held }) => [
    target.label,
    ratio === null ? "not measured" : `${short(ratio.median)}×`,
    ratio === null ? "" : range(ratio),
    `${target.bound} ${target.value}×`,
    held ? "holds" : "MISSED",
  ]);
}

function range({ min, max }: Spread): string {
  return `${short(min)}–${short(max)}`;
}

function short(value: number): string {
  return value >= 100 ? count(value) : value.toFixed(2);
}

function count(value: number): string {
  if (value < 100) return value.toFixed(1);
  return Math.round(value).toLocaleString("en-US");
}

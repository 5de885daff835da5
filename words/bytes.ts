import { formatCount, formatTenths } from "./counts.ts";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Binary units, as storage limits are given in: `512 B`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let scaled = bytes;
  let unit: (typeof BYTE_UNITS)[number] = "B";
  for (const next of BYTE_UNITS) {
    unit = next;
    if (Math.abs(scaled) < 1_023.95 || next === "TiB") break;
    scaled /= 1_024;
  }
  return unit === "B" ? `${formatCount(scaled)} B` : `${formatTenths(scaled)} ${unit}`;
}

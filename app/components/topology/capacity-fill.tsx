import type { ReactNode } from "react";
import { formatBytes } from "../ui/format.ts";
import { FillMeter } from "../ui/stat.tsx";

interface CapacityFillProps {
  /** When it is so: "Capacity used after". */
  label: string;
  entryBytes: number;
  capacityBytes: number;
  children?: ReactNode;
}

/** What a shard's entries take of its capacity, for a cell of a table. */
export function CapacityFill({ label, entryBytes, capacityBytes, children }: CapacityFillProps) {
  const text = `${formatBytes(entryBytes)} of ${formatBytes(capacityBytes)}`;
  return (
    <span className="flex min-w-24 flex-col gap-1">
      <span className="text-sm sm:whitespace-nowrap">{text}</span>
      <FillMeter label={label} value={entryBytes} max={capacityBytes} text={text} />
      {children}
    </span>
  );
}

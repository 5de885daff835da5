/** Lines of a table for a terminal: the first column to the left, all others to the right. */
export function table(head: string[], rows: string[][]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)];
}

export const grouped = (number: number) => number.toLocaleString("en-US");

export const percent = (share: number | null) =>
  share === null ? "–" : `${(share * 100).toFixed(2)}%`;

/** How far a share is from its ideal: `+1.20%` is a shard that has that much more than its part. */
export function deviation(share: number, ideal: number): string {
  const off = (share / ideal - 1) * 100;
  return `${off < 0 ? "−" : "+"}${Math.abs(off).toFixed(2)}%`;
}

export const milliseconds = (ms: number | null) => (ms === null ? "–" : `${ms.toFixed(1)} ms`);

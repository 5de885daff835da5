const COUNT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/** `12,345`. */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** `1 shard`, `12,345 shards`; for words that take an s. */
export function counted(count: number, unit: string): string {
  return `${formatCount(count)} ${unit}${count === 1 ? "" : "s"}`;
}

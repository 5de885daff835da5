const COUNT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

const ONE_DECIMAL = new Intl.NumberFormat("en-GB", {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** `12,345`. */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** `12,345.6`. */
export function formatTenths(value: number): string {
  return ONE_DECIMAL.format(value);
}

/** `1 shard`, `12,345 shards`; for words that take an s. */
export function counted(count: number, unit: string): string {
  return `${formatCount(count)} ${unit}${count === 1 ? "" : "s"}`;
}

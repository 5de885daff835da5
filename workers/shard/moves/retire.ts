import type { MoveParts } from "./ports.ts";

/** See `MoveSourceApi.retire`. Copies that are being made come to nothing by themselves. */
export function retire(
  { transaction, fences, leases }: Pick<MoveParts, "transaction" | "fences" | "leases">,
  epoch: number,
): void {
  transaction(() => fences.retire(epoch));
  // Those who wait for a value look again, and are told that it has moved.
  leases.settleAll();
}

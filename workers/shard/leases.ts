import { isWaiting } from "../lib/clock.ts";

/** A caller that got a lease has this long to bring the value; then another one may. */
export const LEASE_TTL_MS = 10_000;

/** Leases out at a time; beyond it a caller is told `busy`. */
export const LEASES_MAX = 10_000;

/** Callers that wait in one object at a time; beyond it one is told `busy`. */
export const WAITERS_MAX = 1_000;

interface Lease {
  id: string;
  slot: number;
  expiresAtMs: number;
  /** Wake-up calls of those who wait for the value. */
  waiters: Set<() => void>;
}

/**
 * Who may fill a missing key: one caller a key, for a while (Nishtala et al., "Scaling Memcache at
 * Facebook", NSDI '13, section 3.2.1). A delete or a newer set takes the lease away, so that a slow
 * filler cannot store what it read before the change.
 *
 * Leases live in object memory alone. Losing them is harmless: a filler whose lease is unknown is
 * told `lease-lost` and stores nothing, and the next reader gets a new lease. What is lost is one
 * fill, never a write that was acknowledged.
 */
export class Leases {
  readonly #leases = new Map<string, Lease>();
  #waiting = 0;

  /** A new lease's id; null while another caller holds one, or when too many are out. */
  grant(slot: number, type: string, key: string, nowMs: number): string | null {
    const name = leaseName(type, key);
    const held = this.#leases.get(name);
    if (held !== undefined && isOut(held, nowMs)) return null;
    if (held === undefined && this.#leases.size >= LEASES_MAX) {
      this.#dropExpired(nowMs);
      if (this.#leases.size >= LEASES_MAX) return null;
    }
    const id = crypto.randomUUID();
    const expiresAtMs = nowMs + LEASE_TTL_MS;
    this.#leases.set(name, { id, slot, expiresAtMs, waiters: held?.waiters ?? new Set() });
    return id;
  }

  isHeld(type: string, key: string, id: string, nowMs: number): boolean {
    const lease = this.#leases.get(leaseName(type, key));
    return lease !== undefined && lease.id === id && isOut(lease, nowMs);
  }

  /** The key was stored or deleted: the lease on it ends, and those who wait look again. */
  settle(type: string, key: string): void {
    this.#end(leaseName(type, key));
  }

  /** The slots have left, or a new tenure of them has begun. */
  settleSlots(slots: ReadonlySet<number>): void {
    for (const [name, lease] of this.#leases) if (slots.has(lease.slot)) this.#end(name);
  }

  /** The shard serves nobody any more. */
  settleAll(): void {
    for (const name of this.#leases.keys()) this.#end(name);
  }

  /**
   * Waits until the lease on the key ends in whatever way, or `untilMs`. Null when there is no
   * lease to wait for, or when too many wait already.
   */
  wait(type: string, key: string, nowMs: number, untilMs: number): Promise<void> | null {
    const lease = this.#leases.get(leaseName(type, key));
    if (lease === undefined || this.#waiting >= WAITERS_MAX) return null;
    const leftMs = Math.min(untilMs, lease.expiresAtMs) - nowMs;
    const delayMs = Math.min(Math.max(0, leftMs), LEASE_TTL_MS);
    this.#waiting += 1;
    return new Promise((resolve) => {
      const wake = () => {
        if (!lease.waiters.delete(wake)) return;
        clearTimeout(timer);
        this.#waiting -= 1;
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      lease.waiters.add(wake);
    });
  }

  get waiting(): number {
    return this.#waiting;
  }

  #end(name: string): void {
    const lease = this.#leases.get(name);
    if (lease === undefined) return;
    this.#leases.delete(name);
    for (const wake of lease.waiters) wake();
  }

  #dropExpired(nowMs: number): void {
    for (const [name, lease] of this.#leases) if (!isOut(lease, nowMs)) this.#end(name);
  }
}

function isOut({ expiresAtMs }: Lease, nowMs: number): boolean {
  return isWaiting(expiresAtMs, LEASE_TTL_MS, nowMs);
}

/** A type holds no colon, so the name is unambiguous. */
function leaseName(type: string, key: string): string {
  return `${type}:${key}`;
}

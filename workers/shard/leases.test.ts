import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LEASE_TTL_MS, Leases, LEASES_MAX, WAITERS_MAX } from "./leases.ts";

const NOW_MS = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("leases", () => {
  it("go to one caller a key, until they end", () => {
    const leases = new Leases();
    const first = leases.grant(1, "product", "a", NOW_MS);
    expect(first).not.toBeNull();
    expect(leases.grant(1, "product", "a", NOW_MS)).toBeNull();
    expect(leases.grant(1, "product", "b", NOW_MS)).not.toBeNull();
    expect(leases.grant(1, "session", "a", NOW_MS)).not.toBeNull();
    const endMs = NOW_MS + LEASE_TTL_MS;
    expect(leases.isHeld("product", "a", first ?? "", endMs - 1)).toBe(true);
    expect(leases.isHeld("product", "a", first ?? "", endMs)).toBe(false);
    const second = leases.grant(1, "product", "a", endMs);
    expect(second).not.toBe(first);
    expect(leases.isHeld("product", "a", first ?? "", endMs)).toBe(false);
    expect(leases.isHeld("product", "a", second ?? "", endMs)).toBe(true);
  });

  it("are not held for as long as a clock that went back had been wrong", () => {
    const leases = new Leases();
    const first = leases.grant(1, "product", "a", NOW_MS + 3_600_000) ?? "";
    expect(leases.isHeld("product", "a", first, NOW_MS)).toBe(false);
    expect(leases.grant(1, "product", "a", NOW_MS)).not.toBeNull();
  });

  it("are lost when the key is settled, or its slot", () => {
    const leases = new Leases();
    const a = leases.grant(1, "product", "a", NOW_MS) ?? "";
    const b = leases.grant(2, "product", "b", NOW_MS) ?? "";
    leases.settle("product", "a");
    leases.settleSlots(new Set([2]));
    expect(leases.isHeld("product", "a", a, NOW_MS)).toBe(false);
    expect(leases.isHeld("product", "b", b, NOW_MS)).toBe(false);
  });

  it("wake those who wait at once when they end", async () => {
    const leases = new Leases();
    leases.grant(1, "product", "a", NOW_MS);
    const first = leases.wait("product", "a", NOW_MS, NOW_MS + 5_000);
    const second = leases.wait("product", "a", NOW_MS, NOW_MS + 5_000);
    expect(leases.waiting).toBe(2);
    leases.settle("product", "a");
    await first;
    await second;
    expect(leases.waiting).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("let nobody wait past the deadline, nor past the lease's own end", async () => {
    const leases = new Leases();
    leases.grant(1, "product", "a", NOW_MS);
    const woken: string[] = [];
    const short = leases.wait("product", "a", NOW_MS, NOW_MS + 5_000);
    const long = leases.wait("product", "a", NOW_MS, NOW_MS + 60_000);
    void short?.then(() => woken.push("short"));
    void long?.then(() => woken.push("long"));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(woken).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(woken).toEqual(["short"]);
    await vi.advanceTimersByTimeAsync(LEASE_TTL_MS - 5_000);
    expect(woken).toEqual(["short", "long"]);
  });

  it("keep those who wait when a lease that ran out goes to another filler", async () => {
    const leases = new Leases();
    leases.grant(1, "product", "a", NOW_MS);
    const lateMs = NOW_MS + LEASE_TTL_MS;
    const waiting = leases.wait("product", "a", lateMs - 1, lateMs + 5_000);
    leases.grant(1, "product", "a", lateMs);
    leases.settle("product", "a");
    await waiting;
    expect(leases.waiting).toBe(0);
  });

  it("are bounded, and so are those who wait", () => {
    const leases = new Leases();
    for (let n = 0; n < LEASES_MAX; n++) leases.grant(1, "product", `k${n}`, NOW_MS);
    expect(leases.grant(1, "product", "one more", NOW_MS)).toBeNull();
    expect(leases.grant(1, "product", "later", NOW_MS + LEASE_TTL_MS)).not.toBeNull();
    for (let n = 0; n < WAITERS_MAX; n++) {
      expect(leases.wait("product", "later", NOW_MS, NOW_MS + 1)).not.toBeNull();
    }
    expect(leases.wait("product", "later", NOW_MS, NOW_MS + 1)).toBeNull();
    expect(leases.wait("product", "nobody's", NOW_MS, NOW_MS + 1)).toBeNull();
  });
});

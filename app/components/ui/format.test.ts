import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatDollars,
  formatDuration,
  formatRate,
  formatShare,
  timeParts,
} from "./format.ts";

describe("figures", () => {
  it.each([
    [0, "0 B"],
    [1_023, "1,023 B"],
    [1_024, "1.0 KiB"],
    [1_048_575, "1.0 MiB"],
    [67_108_864, "64.0 MiB"],
    [10 * 2 ** 30, "10.0 GiB"],
    [5_000 * 2 ** 40, "5,000.0 TiB"],
  ])("writes %d bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [9_999, "9,999"],
    [10_000, "10.0k"],
    [999_499, "999.5k"],
    [999_500, "1.0M"],
    [1_234_567_890, "1.2G"],
  ])("shortens %d to %s", (count, text) => {
    expect(formatCountShort(count)).toBe(text);
  });

  it.each([
    [0, "$0.00"],
    [0.000_4, "< $0.01"],
    [0.125, "$0.13"],
    [1_234.5, "$1,234.50"],
  ])("writes %d dollars as %s", (dollars, text) => {
    expect(formatDollars(dollars)).toBe(text);
  });

  it("groups the digits of an exact count", () => {
    expect(formatCount(113_872)).toBe("113,872");
  });

  it.each([
    [0, "0 ms"],
    [0.4, "< 1 ms"],
    [-5, "0 ms"],
    [999.6, "1 s"],
    [45_000, "45 s"],
    [60_000, "1 min"],
    [125_000, "2 min 5 s"],
    [7_500_000, "2 h 5 min"],
    [3_600_000 + 5_000, "1 h"],
    [26 * 3_600_000, "1 d 2 h"],
  ])("writes %d ms in its two largest units: %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [1, 3_000, "< 0.1%"],
    [2_999, 3_000, "> 99.9%"],
    [0, 3_000, "0.0%"],
    [3_000, 3_000, "100.0%"],
  ])(
    "does not take a little for none, nor nearly all for all: %d of %d is %s",
    (part, whole, text) => {
      expect(formatShare(part, whole)).toBe(text);
    },
  );

  it("has no share of nothing", () => {
    expect(formatShare(0, 0)).toBe("–");
    expect(formatShare(1, 3)).toBe("33.3%");
  });

  it("gives rates a unit, and each of them one decimal", () => {
    expect(formatRate(0)).toBe("0.0/s");
    expect(formatRate(0.002)).toBe("< 0.1/s");
    expect(formatRate(2)).toBe("2.0/s");
    expect(formatRate(34.2, "logs")).toBe("34.2 logs/s");
    expect(formatRate(12_345)).toBe("12.3k/s");
  });
});

describe("times", () => {
  const atMs = Date.UTC(2026, 10, 23, 2, 43, 8, 7);

  it.each([
    ["UTC", "2026-11-23", "02:43:08", "UTC"],
    ["Europe/London", "2026-11-23", "02:43:08", "UTC"],
    ["Asia/Jakarta", "2026-11-23", "09:43:08", "UTC+7"],
    ["America/St_Johns", "2026-11-22", "23:13:08", "UTC-3:30"],
    ["Asia/Kathmandu", "2026-11-23", "08:28:08", "UTC+5:45"],
  ])("tells an instant in %s", (zone, date, time, name) => {
    expect(timeParts(atMs, zone)).toEqual({ date, time, zone: name });
  });

  it("tells each of two zones by turns", () => {
    for (const _ of [1, 2]) {
      expect(timeParts(atMs, "Asia/Jakarta").time).toBe("09:43:08");
      expect(timeParts(atMs, "UTC").time).toBe("02:43:08");
    }
  });

  it("writes midnight as 00, not as 24", () => {
    expect(timeParts(Date.UTC(2026, 0, 1), "UTC").time).toBe("00:00:00");
  });

  it("adds three digits of milliseconds where they are asked for", () => {
    expect(timeParts(atMs, "UTC", true).time).toBe("02:43:08.007");
  });
});

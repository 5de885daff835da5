import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SharedTurns } from "./shared-turns.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function failing(): never {
  throw new Error("broken");
}

describe("shared turns", () => {
  it("run a lone operation at once, and those behind it together, in order", async () => {
    const turns = new SharedTurns();
    const ran: string[] = [];
    const all = ["a", "b", "c"].map((name) => turns.run(() => ran.push(name)));
    expect(ran).toEqual(["a"]);
    vi.advanceTimersToNextTimer();
    expect(ran).toEqual(["a", "b", "c"]);
    expect(await Promise.all(all)).toEqual([1, 2, 3]);
  });

  it("gather what arrives while they run for the turn after, and end when nothing came", () => {
    const turns = new SharedTurns();
    const ran: string[] = [];
    void turns.run(() => ran.push("a"));
    void turns.run(() => {
      ran.push("b");
      void turns.run(() => ran.push("c"));
    });
    vi.advanceTimersToNextTimer();
    expect(ran).toEqual(["a", "b"]);
    vi.advanceTimersToNextTimer();
    expect(ran).toEqual(["a", "b", "c"]);
    vi.advanceTimersToNextTimer();
    expect(vi.getTimerCount()).toBe(0);
    void turns.run(() => ran.push("d"));
    expect(ran).toEqual(["a", "b", "c", "d"]);
  });

  it("let an operation that throws fail alone", async () => {
    const turns = new SharedTurns();
    const first = turns.run(failing);
    const second = turns.run(failing);
    const third = turns.run(() => "fine");
    const outcomes = Promise.allSettled([first, second, third]);
    vi.advanceTimersToNextTimer();
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
      "fulfilled",
    ]);
  });
});

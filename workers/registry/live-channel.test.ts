import { expect, test } from "vitest";
import { LIVE_INTERVAL_MS, LiveChannel } from "./live-channel.ts";

/** A channel with one listener, a clock of the test's own, and timers that it lets go off. */
function channel() {
  const sent: string[] = [];
  const timers: { atMs: number; work: () => void }[] = [];
  const world = { nowMs: 1_000_000, listens: true };
  const socket = {
    send: (message: string) => void sent.push(message),
    close: () => {},
    deserializeAttachment: () => null,
  };
  const live = new LiveChannel({
    sockets: () => (world.listens ? [socket] : []),
    accept: () => {},
    nowMs: () => world.nowMs,
    after: (ms, work) => void timers.push({ atMs: world.nowMs + ms, work }),
  });
  const goOff = () => {
    const timer = timers.shift();
    if (timer === undefined) return;
    world.nowMs = Math.max(world.nowMs, timer.atMs);
    timer.work();
  };
  return { live, sent, timers, world, goOff };
}

test("what changes together is told in one message, and the last change is always told", () => {
  const { live, sent, timers, world, goOff } = channel();
  live.changed("topology");
  live.changed("operation");
  live.changed("topology");
  goOff();
  expect(sent).toEqual(['{"changed":["topology","operation"]}']);
  const firstAtMs = world.nowMs;
  live.changed("breakers");
  expect(timers).toMatchObject([{ atMs: firstAtMs + LIVE_INTERVAL_MS }]);
  goOff();
  expect(sent.at(-1)).toBe('{"changed":["breakers"]}');
  expect(timers).toEqual([]);
});

test("while nobody listens no timer keeps the object in memory", () => {
  const { live, timers, world } = channel();
  world.listens = false;
  live.changed("topology");
  expect(timers).toEqual([]);
});

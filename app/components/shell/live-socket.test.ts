import { expect, test } from "vitest";
import { keepLiveSocket, type LiveTools, type SocketEvents } from "./live-socket.ts";

function stage() {
  const sockets: (SocketEvents & { isClosed: boolean })[] = [];
  const waits: { ms: number; call: () => void; takenBack: boolean }[] = [];
  let changes = 0;
  const tools: LiveTools = {
    random: () => 1,
    connect(events) {
      const socket = { ...events, isClosed: false };
      sockets.push(socket);
      return () => {
        socket.isClosed = true;
      };
    },
    after(ms, call) {
      const wait = { ms, call, takenBack: false };
      waits.push(wait);
      return () => {
        wait.takenBack = true;
      };
    },
  };
  const stop = keepLiveSocket(tools, () => {
    changes += 1;
  });
  return { sockets, waits, stop, changes: () => changes };
}

test("Each message is a change, and so is a connection that is back", () => {
  const { sockets, waits, changes } = stage();
  sockets[0]?.opened();
  expect(changes()).toBe(0);
  sockets[0]?.changed();
  expect(changes()).toBe(1);
  sockets[0]?.closed();
  waits[0]?.call();
  sockets[1]?.opened();
  expect(changes()).toBe(2);
});

test("A connection that cannot be had is tried again ever more rarely, and for good", () => {
  const { sockets, waits } = stage();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    sockets[attempt]?.closed();
    waits[attempt]?.call();
  }
  const seconds = waits.map(({ ms }) => ms / 1_000);
  expect(seconds).toEqual([1.5, 2.5, 4.5, 8.5, 16.5, 32.5, 60.5, 60.5, 60.5, 60.5]);
  sockets[10]?.opened();
  sockets[10]?.closed();
  expect(waits[10]?.ms).toBe(1_500);
});

test("Once stopped it closes its connection and opens no other", () => {
  const open = stage();
  open.sockets[0]?.opened();
  open.stop();
  expect(open.sockets[0]?.isClosed).toBe(true);
  open.sockets[0]?.closed();
  expect(open.waits).toEqual([]);

  const waiting = stage();
  waiting.sockets[0]?.closed();
  waiting.stop();
  expect(waiting.waits[0]?.takenBack).toBe(true);
});

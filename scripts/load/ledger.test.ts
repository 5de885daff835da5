import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";

const span = (startedMs: number, endedMs = startedMs) => ({ startedMs, endedMs });

function withPut(ttlSeconds: number | null) {
  const ledger = new Ledger("run");
  const put = { version: ledger.nextVersion(), bytes: 100, ttlSeconds };
  ledger.stored("k", put, span(1_000, 1_200));
  return { ledger, value: ledger.value("k", put.version, 100) };
}

test("a read of the last put's value is right", () => {
  const { ledger, value } = withPut(null);
  expect(ledger.judge("k", value, span(9_999_999))).toBe("right");
});

test("a read of any other value is wrong, be it an older put's or another run's", () => {
  const { ledger, value } = withPut(null);
  ledger.stored("k", { version: 2, bytes: 100, ttlSeconds: null }, span(2_000));
  expect(ledger.judge("k", value, span(3_000))).toBe("wrong");
  expect(ledger.judge("k", new Ledger("earlier").value("k", 2, 100), span(3_000))).toBe("wrong");
});

test("a miss without an end to the put's life is a loss", () => {
  expect(withPut(null).ledger.judge("k", null, span(9_999_999))).toBe("lost");
});

test("a miss is a loss only while the value cannot have expired", () => {
  const { ledger } = withPut(10);
  expect(ledger.judge("k", null, span(10_000, 10_999))).toBe("lost");
  expect(ledger.judge("k", null, span(10_000, 11_000))).toBe("absent");
});

test("a hit is wrong once the value must have expired", () => {
  const { ledger, value } = withPut(10);
  expect(ledger.judge("k", value, span(11_200))).toBe("right");
  expect(ledger.judge("k", value, span(11_201))).toBe("wrong");
});

test("after a delete a miss is right and any value is wrong", () => {
  const { ledger, value } = withPut(null);
  ledger.deleted("k");
  expect(ledger.judge("k", null, span(2_000))).toBe("absent");
  expect(ledger.judge("k", value, span(2_000))).toBe("wrong");
});

test("after a put or delete that may have failed nothing can be said", () => {
  const { ledger, value } = withPut(null);
  ledger.uncertain("k");
  expect(ledger.judge("k", null, span(2_000))).toBe("absent");
  expect(ledger.judge("k", value, span(2_000))).toBe("unverified");
});

test("a key that this run has not put is absent or unverified", () => {
  const ledger = new Ledger("run");
  expect(ledger.judge("k", null, span(1))).toBe("absent");
  expect(ledger.judge("k", Buffer.from("x"), span(1))).toBe("unverified");
});

test("a key counts once, for the shard that answered last", () => {
  const ledger = new Ledger("run");
  ledger.placed("a", "shard-1");
  ledger.placed("a", "shard-1");
  ledger.placed("b", "shard-1");
  ledger.placed("b", "shard-2");
  expect(ledger.keysByShard()).toEqual(
    new Map([
      ["shard-1", 1],
      ["shard-2", 1],
    ]),
  );
});

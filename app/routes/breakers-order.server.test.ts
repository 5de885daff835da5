import { describe, expect, it } from "vitest";
import { readBreakersQuery, readOrderForm } from "./breakers-order.server.ts";

const NOW_MS = 1_795_404_000_000;

const ISOLATE = { shard: "shard-1", order: "isolate", reason: " disk full ", expiry: "15m" };

describe("the form of an order", () => {
  it("gives the order with its reason and the moment at which it ends", () => {
    expect(readOrderForm(ISOLATE, NOW_MS)).toEqual({
      kind: "order",
      order: {
        shard: "shard-1",
        action: "isolate",
        reason: "disk full",
        expiresAtMs: NOW_MS + 900_000,
      },
    });
  });

  it("lets an order last until somebody resets it, when that was chosen", () => {
    const answer = readOrderForm({ ...ISOLATE, expiry: "none" }, NOW_MS);
    expect(answer).toMatchObject({ kind: "order", order: { expiresAtMs: null } });
  });

  it("asks a reset for no expiry", () => {
    const form = { shard: "shard-1", order: "reset", reason: "it is well again" };
    expect(readOrderForm(form, NOW_MS)).toMatchObject({ order: { expiresAtMs: null } });
  });

  it.each([
    [{ ...ISOLATE, reason: "  " }, { reason: "Say why, for the audit trail." }],
    [{ ...ISOLATE, reason: "x".repeat(501) }, { reason: "At most 500 characters." }],
    [{ ...ISOLATE, expiry: "1d" }, { expiry: "Choose how long it lasts." }],
  ])("says beside the field what is wrong, and keeps what was typed", (fields, fieldErrors) => {
    const answer = readOrderForm(fields, NOW_MS);
    expect(answer).toMatchObject({
      kind: "invalid",
      failure: { shard: "shard-1", order: "isolate", fieldErrors, formError: null },
    });
  });

  it.each([{ ...ISOLATE, order: "explode" }, { ...ISOLATE, shard: "NOT A NAME" }, {}])(
    "is none where it names no order or no shard",
    (fields) => {
      const answer = readOrderForm(fields, NOW_MS);
      expect(answer).toMatchObject({ kind: "invalid", failure: { formError: expect.any(String) } });
    },
  );
});

function read(search: string) {
  return readBreakersQuery(new URL(`https://x.invalid/breakers${search}`));
}

describe("the address of the breakers", () => {
  it("names a shard and the order that waits for confirmation", () => {
    expect(read("?shard=a&order=reset")).toEqual({
      shard: "a",
      order: "reset",
      done: null,
      problem: null,
    });
  });

  it.each(["?shard=A", "?shard=a&order=explode", "?order=isolate"])(
    "asks for no order and says why where it is %s",
    (search) => {
      expect(read(search)).toMatchObject({ order: null, problem: expect.any(String) });
    },
  );
});

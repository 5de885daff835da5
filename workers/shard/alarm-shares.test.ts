import { describe, expect, it } from "vitest";
import { AlarmShares } from "./alarm-shares.ts";

function sharesWith(atMs: number | null) {
  const sets: number[] = [];
  const setAlarm = async (at: number) => {
    sets.push(at);
  };
  return { shares: new AlarmShares(setAlarm, atMs), sets };
}

describe("the shares in one alarm", () => {
  it("set it to what is wanted first, and not again for what comes later", () => {
    const { shares, sets } = sharesWith(null);
    shares.want("housekeeping", 60);
    shares.want("moves", 5);
    shares.want("housekeeping", 50);
    expect(sets).toEqual([60, 5]);
  });

  it("are told each in its own time, and what comes later is set again", () => {
    const { shares, sets } = sharesWith(null);
    shares.want("housekeeping", 60);
    shares.want("moves", 5);
    expect(shares.take(5)).toEqual(["moves"]);
    expect(sets).toEqual([60, 5, 60]);
    expect(shares.take(61)).toEqual(["housekeeping"]);
  });

  it("are told together when both are due, and by an alarm that is sent early", () => {
    const { shares } = sharesWith(null);
    shares.want("housekeeping", 60);
    shares.want("moves", 60);
    expect(shares.take(1)).toEqual(["housekeeping", "moves"]);
  });

  it("are both told after a restart, when nobody knows who had wanted the alarm", () => {
    expect(sharesWith(60).shares.take(60)).toEqual(["housekeeping", "moves"]);
    expect(sharesWith(null).shares.take(60)).toEqual(["housekeeping", "moves"]);
  });

  it("are both told by the alarm that has started the object, whatever was wanted since", () => {
    // The platform tells of no alarm while it comes.
    const { shares } = sharesWith(null);
    shares.want("moves", 5);
    expect(shares.take(0)).toEqual(["housekeeping", "moves"]);
    shares.want("moves", 10);
    expect(shares.take(10)).toEqual(["moves"]);
  });

  it("leave an alarm alone that nobody needs any more, and nobody is told", () => {
    const { shares, sets } = sharesWith(null);
    shares.want("housekeeping", 60);
    shares.want("moves", 5);
    shares.want("moves", null);
    expect(shares.take(5)).toEqual([]);
    expect(sets).toEqual([60, 5, 60]);
  });

  it("set an alarm anew that its owner has waited for in vain", () => {
    const { shares, sets } = sharesWith(null);
    shares.want("moves", 5);
    shares.want("housekeeping", 10);
    shares.want("moves", 500);
    expect(sets).toEqual([5, 10]);
    shares.want("housekeeping", 600);
    expect(sets).toEqual([5, 10, 500]);
  });

  it("set again, when it is wanted next, what could not be set", async () => {
    const sets: number[] = [];
    const shares = new AlarmShares(async (at) => {
      sets.push(at);
      if (sets.length === 1) throw new Error("The object is being ended.");
    }, null);
    shares.want("moves", 5);
    await Promise.resolve();
    shares.want("housekeeping", 60);
    expect(sets).toEqual([5, 5]);
  });
});

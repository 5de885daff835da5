import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lineMapper, readTrace, type TraceLine, TraceProblem, type TraceShape } from "./trace.ts";

const SHAPE: TraceShape = {
  timeColumn: "time",
  opColumn: "op",
  keyColumn: "lbn",
  sizeColumn: "size",
  ttlColumn: null,
  read: ["28"],
  write: ["2A"],
  delete: ["42"],
  sizeMax: 1_024,
};

const ROW = { time: "5633898", op: "2a", lbn: "42932745", size: "512" };

const map = (row: Partial<typeof ROW> & { ttl?: string }, shape: Partial<TraceShape> = {}) =>
  lineMapper({ ...SHAPE, ...shape })({ ...ROW, ...row });

describe("a line of the trace", () => {
  test("is a request by the columns and op codes that the flags name", () => {
    expect(map({})).toEqual({
      kind: "request",
      operation: "write",
      key: "42932745",
      bytes: 512,
      ttlSeconds: null,
      time: 5_633_898,
      cut: false,
    });
    expect(map({ op: "28" })).toMatchObject({ operation: "read" });
    expect(map({ op: "42", size: "" })).toMatchObject({ operation: "delete", bytes: 0 });
  });

  test("has its value cut to the largest size, and says so", () => {
    expect(map({ size: "6656" })).toMatchObject({ bytes: 1_024, cut: true });
    expect(map({ size: "1024" })).toMatchObject({ bytes: 1_024, cut: false });
  });

  test("has a time to live where a column is named and filled", () => {
    const ttl = { ttlColumn: "ttl" };
    expect(map({ ttl: "60" }, ttl)).toMatchObject({ ttlSeconds: 60 });
    expect(map({ ttl: "" }, ttl)).toMatchObject({ ttlSeconds: null });
    expect(map({ ttl: "60" })).toMatchObject({ ttlSeconds: null });
  });

  test.each([
    [{ op: "35" }, "unknown op 35"],
    [{ op: "" }, "unknown op "],
    [{ lbn: "" }, "empty key"],
    [{ lbn: "é".repeat(257) }, "key too long"],
    [{ lbn: ".." }, "key cannot stand in a URL"],
    [{ size: "-1" }, "size is not a whole number"],
    [{ size: "1e3" }, "size is not a whole number"],
  ])("that cannot be replayed, as %j, is ignored for a reason", (row, reason) => {
    expect(map(row)).toEqual({ kind: "ignored", reason });
  });

  test.each(["0", "-5", "soon", "315360001"])("with the time to live %s is ignored", (ttl) => {
    expect(map({ ttl }, { ttlColumn: "ttl" })).toMatchObject({ kind: "ignored" });
  });

  test("without a readable time is replayed all the same", () => {
    expect(map({ time: "yesterday" })).toMatchObject({ kind: "request", time: null });
  });
});

async function collect(lines: AsyncIterable<TraceLine>): Promise<TraceLine[]> {
  const all: TraceLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("a trace file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "trace-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function lines(text: string, shape: TraceShape = SHAPE): Promise<TraceLine[]> {
    const file = join(folder, "trace.csv");
    await writeFile(file, text);
    return await collect(readTrace(file, shape));
  }

  test("is read in its order, with the position in the file after each line", async () => {
    const text = "version,time,op,size,lbn\n1,10,2a,512,7\n\n1,11,28,512,7\n1,12,ff,512,8\n";
    const read = await lines(text);
    expect(read.map((line) => (line.kind === "request" ? line.operation : line.reason))).toEqual([
      "write",
      "read",
      "unknown op ff",
    ]);
    expect(read.at(-1)?.position).toBe(text.length);
  });

  test("may have quotes, a byte order mark and other line ends", async () => {
    const read = await lines('\uFEFFtime,op,size,lbn\r\n1,28,5,"a,b ""c"""\r\n');
    expect(read).toMatchObject([{ kind: "request", key: 'a,b "c"' }]);
  });

  test("that lacks a column is refused with the columns it has", async () => {
    await expect(lines("time,op,bytes,lbn\n1,28,5,7\n")).rejects.toThrow(
      'The trace has no column "size". Its columns are time, op, bytes, lbn;',
    );
  });

  test("with short lines ignores those, and goes on", async () => {
    const read = await lines("time,op,size,lbn\n1,28\n1,28,5,7\n");
    expect(read).toMatchObject([
      { kind: "ignored", reason: "empty key" },
      { kind: "request", key: "7" },
    ]);
  });

  test("that is not there is a sentence", async () => {
    const missing = collect(readTrace(join(folder, "none.csv"), SHAPE));
    await expect(missing).rejects.toThrow(/^There is no file .*none\.csv\.$/);
    await expect(missing).rejects.toBeInstanceOf(TraceProblem);
  });

  test("with one endless line is refused instead of read into memory", async () => {
    const text = `time,op,size,lbn\n1,28,5,"${"x\n".repeat(100_000)}"\n`;
    await expect(lines(text)).rejects.toThrow(/^The trace cannot be read as CSV: Max Record Size/);
  });
});

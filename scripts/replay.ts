import { randomUUID } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import type { ParseArgsConfig } from "node:util";
import { SingleBar } from "cli-progress";
import { z } from "zod";
import { VALUE_BYTES_MAX } from "../workers/lib/limits.ts";
import { TYPE_PATTERN } from "../workers/lib/names.ts";
import { CacheClient } from "./load/cache-client.ts";
import {
  DEFAULT_URL,
  findToken,
  httpUrl,
  readFlags,
  TOKEN_FILE,
  wholeNumber,
} from "./load/flags.ts";
import { watchInterrupt } from "./load/interrupt.ts";
import { replayJson, replayLines } from "./load/replay-report.ts";
import { replay, type Replay } from "./load/replay-run.ts";
import { readTrace, TraceProblem, type TraceShape } from "./load/trace.ts";

const HELP = `npm run replay -- FILE [flags]

Replays a trace, a CSV file with a header, as read-or-fill: a read that misses is followed by a
put. Requests of one key keep the trace's order, and every get after a put is verified, so let
nobody else write to the type meanwhile. Requests go out as fast as the cache answers.

  --url URL            where the cache is (${DEFAULT_URL})
  --token TOKEN        else CEPATEDGE_TOKEN, else the file ${TOKEN_FILE}
  --type TYPE          the type of all entries (replay)
  --time-column NAME   (time)       --op-column NAME   (op)
  --key-column NAME    (key)        --size-column NAME (size)
  --ttl-column NAME    seconds to live; none by default
  --read CODE          op codes of a read; may be given again (get, read)
  --write CODE         of a write (set, put, write)
  --delete CODE        of a delete (delete, del)
  --size-max BYTES     larger values are cut (${VALUE_BYTES_MAX})
  --limit N            replay the first N requests only
  --concurrency N      requests at a time (32)
  --json FILE          write the report as JSON, too

A trace of block I/O: npm run replay -- path/to/trace.csv --key-column lbn --read 28 --write 2a \\
  --size-max 1024

Exits with 1 when a read was wrong, an acknowledged put was lost, a request failed, or nothing
could be replayed.`;

const OPTIONS = {
  url: { type: "string", default: DEFAULT_URL },
  token: { type: "string" },
  type: { type: "string", default: "replay" },
  "time-column": { type: "string", default: "time" },
  "op-column": { type: "string", default: "op" },
  "key-column": { type: "string", default: "key" },
  "size-column": { type: "string", default: "size" },
  "ttl-column": { type: "string" },
  read: { type: "string", multiple: true, default: ["get", "read"] },
  write: { type: "string", multiple: true, default: ["set", "put", "write"] },
  delete: { type: "string", multiple: true, default: ["delete", "del"] },
  "size-max": { type: "string", default: String(VALUE_BYTES_MAX) },
  limit: { type: "string" },
  concurrency: { type: "string", default: "32" },
  json: { type: "string" },
} satisfies ParseArgsConfig["options"];

const flagsSchema = z.object({
  url: httpUrl("url"),
  token: z.string().optional(),
  type: z.string().regex(TYPE_PATTERN, "--type is 1 to 32 of a-z, 0-9 and -, a letter first."),
  "time-column": z.string(),
  "op-column": z.string(),
  "key-column": z.string(),
  "size-column": z.string(),
  "ttl-column": z.string().optional(),
  read: z.array(z.string()),
  write: z.array(z.string()),
  delete: z.array(z.string()),
  "size-max": wholeNumber("size-max", 0, VALUE_BYTES_MAX),
  limit: wholeNumber("limit", 1, 1_000_000_000).optional(),
  concurrency: wholeNumber("concurrency", 1, 256),
  json: z.string().optional(),
});

type Flags = z.infer<typeof flagsSchema>;

async function main(): Promise<number> {
  const read = readFlags(process.argv.slice(2), OPTIONS, flagsSchema);
  if (read.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (read.kind === "refused") return refuse(`${read.message} See npm run replay -- --help.`);
  const { flags } = read;
  const [file, ...stray] = read.positionals;
  if (file === undefined || stray.length > 0) {
    return refuse("Name one trace: npm run replay -- path/to/trace.csv. See --help.");
  }
  const token = await findToken(flags.token, process.env["CEPATEDGE_TOKEN"]);
  if (token.kind === "refused") return refuse(token.message);
  const client = new CacheClient({ url: flags.url, token: token.token });
  const unreachable = await client.unreachable();
  if (unreachable !== null) {
    return refuse(
      `Nothing answers at ${flags.url} (${unreachable}). Start it with npm run dev, or give --url.`,
    );
  }

  try {
    return await report(await replayWithBar(file, client, flags), flags);
  } catch (error) {
    if (error instanceof TraceProblem) return refuse(error.message);
    throw error;
  }
}

async function replayWithBar(file: string, client: CacheClient, flags: Flags): Promise<Replay> {
  const { type, concurrency, limit = null } = flags;
  const total = limit ?? (await stat(file).catch(() => ({ size: 0 }))).size;
  const bar = new SingleBar({
    format: "{bar} {percentage}% · {done} requests · {eta_formatted} left",
    hideCursor: true,
    noTTYOutput: false,
    fps: 4,
  });
  bar.start(total, 0, { done: 0 });
  let reached = 0;
  const onProgress = (done: number, position: number) => {
    reached = Math.max(reached, limit === null ? position : done);
    bar.update(reached, { done });
  };
  try {
    return await replay(readTrace(file, shapeOf(flags)), client, {
      type,
      limit,
      concurrency,
      run: randomUUID(),
      nowMs: () => performance.now(),
      stopped: watchInterrupt(),
      onProgress,
    });
  } finally {
    bar.stop();
  }
}

function shapeOf(flags: Flags): TraceShape {
  return {
    timeColumn: flags["time-column"],
    opColumn: flags["op-column"],
    keyColumn: flags["key-column"],
    sizeColumn: flags["size-column"],
    ttlColumn: flags["ttl-column"] ?? null,
    read: flags.read,
    write: flags.write,
    delete: flags.delete,
    sizeMax: flags["size-max"],
  };
}

async function report(result: Replay, flags: Flags): Promise<number> {
  console.log(replayLines(result).join("\n"));
  if (flags.json !== undefined) {
    await writeFile(flags.json, `${JSON.stringify(replayJson(result), null, 2)}\n`);
  }
  if (result.tally.fatal !== null) return refuse(`\n${result.tally.fatal}`);
  const { read, write, delete: deletes } = result.replayed;
  if (read + write + deletes === 0) {
    return refuse("\nNothing was replayed. Map the trace's op codes with --read and --write.");
  }
  const { wrong, lost } = result.verdicts;
  return wrong + lost + result.tally.errorCount > 0 ? 1 : 0;
}

function refuse(message: string): number {
  console.error(message);
  return 1;
}

process.exitCode = await main();

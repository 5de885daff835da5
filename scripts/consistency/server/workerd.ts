import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { z } from "zod";
import { Latencies } from "../../load/latencies.ts";
import { workerdConfig } from "./workerd-config.ts";

/** Lines of workerd's own words that are kept for whoever looks into a failure. */
const WORDS_MAX = 200;

/** V8's own line about each: what it was, then how long everything stood still for it. */
const TRACE_COLLECTIONS = "--trace-gc";
const COLLECTION = / ms: (?:Scavenge|Mark-Compact).* (\d+\.\d+) \/ \d+\.\d+ ms /;

const BUNDLE = "worker.js";
const CONTROL_FD = 3;
const listenSchema = z.object({ event: z.literal("listen"), port: z.number() });

export interface WorkerdOptions {
  bundle: string;
  harnessPort: number;
  /** Of the first start; 0: a free one. Later starts take the same. */
  port: number;
  /** See WorkerdParts. */
  points: string;
  tracesCollections: boolean;
}

/** Real workerd on storage of its own, which outlives the process until `stop`. */
export class Workerd {
  readonly #options: WorkerdOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "cepatedge-workerd-"));
  readonly words: string[] = [];
  /** How long each collection of garbage took, where they are traced. It stops every object. */
  readonly collections = new Latencies();
  #process: ChildProcess | null = null;
  #port: number;
  /** Times that the process was killed. */
  kills = 0;

  constructor(options: WorkerdOptions) {
    this.#options = options;
    this.#port = options.port;
    mkdirSync(join(this.#folder, "storage"));
    copyFileSync(options.bundle, join(this.#folder, BUNDLE));
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const { harnessPort, points, tracesCollections } = this.#options;
    const config = join(this.#folder, "config.capnp");
    const storage = join(this.#folder, "storage");
    const v8Flags = tracesCollections ? [TRACE_COLLECTIONS] : [];
    const parts = { bundle: BUNDLE, storage, harnessPort, port: this.#port, points, v8Flags };
    writeFileSync(config, workerdConfig(parts));
    const child = spawn(
      workerdPath(),
      ["serve", config, "--experimental", `--control-fd=${CONTROL_FD}`],
      {
        stdio: ["ignore", "pipe", "pipe", "pipe"],
      },
    );
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) this.#keepWords(stream);
    const pipe = child.stdio[CONTROL_FD];
    if (!(pipe instanceof Readable)) throw new Error("workerd has no pipe to tell its port by.");
    const control = createInterface({ input: pipe });
    const ended = once(child, "exit").then(() => null);
    const line = await Promise.race([
      once(control, "line").then(([first]) => String(first)),
      ended,
    ]);
    if (line === null) throw new Error(`workerd did not start:\n${this.words.join("\n")}`);
    this.#port = listenSchema.parse(JSON.parse(line)).port;
  }

  /** SIGKILL, and what was on disk is found again: nothing is told, nothing is closed. */
  async killAndStart(): Promise<void> {
    this.kills += 1;
    await this.#kill();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  #keepWords(stream: Readable | null): void {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      const [, tookMs] = COLLECTION.exec(line) ?? [];
      if (tookMs !== undefined) {
        this.collections.add(Number(tookMs));
        return;
      }
      this.words.push(line);
      if (this.words.length > WORDS_MAX) this.words.shift();
    });
  }
}

/** The binary that miniflare runs, too. */
function workerdPath(): string {
  const fromHere = createRequire(import.meta.url);
  const fromMiniflare = createRequire(fromHere.resolve("miniflare"));
  return z.object({ default: z.string() }).parse(fromMiniflare("workerd")).default;
}

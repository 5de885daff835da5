import { z } from "zod";
import { type Flags, readFlags, wholeNumber } from "../load/flags.ts";
import type { FaultOptions } from "./run/faults.ts";

const SEEDS_MESSAGE = "--seeds is a number or a range such as 1-50.";

const schema = z.object({
  seeds: z
    .string()
    .regex(/^[0-9]{1,9}(-[0-9]{1,9})?$/, SEEDS_MESSAGE)
    .transform((text) => text.split("-").map(Number))
    .transform(([first = 0, last = first]) => ({ first, last }))
    .refine(({ first, last }) => first <= last, SEEDS_MESSAGE)
    .default({ first: 1, last: 1 }),
  operations: wholeNumber("operations", 1, 10_000_000).default(5_000),
  clients: wholeNumber("clients", 1, 64).default(16),
  parallel: wholeNumber("parallel", 1, 16).default(1),
  calm: z.boolean().default(false),
  crash: z.boolean().default(false),
  kill: z.boolean().default(false),
  "every-point": z.boolean().default(false),
  point: z.string().default(""),
  "drain-bench": z.boolean().default(false),
  json: z.boolean().default(false),
});

export type ConsistencyFlags = z.infer<typeof schema>;

export function readConsistencyFlags(args: string[]): Flags<ConsistencyFlags> {
  const string = { type: "string" } as const;
  const boolean = { type: "boolean" } as const;
  const options = {
    seeds: string,
    operations: string,
    clients: string,
    parallel: string,
    calm: boolean,
    crash: boolean,
    kill: boolean,
    "every-point": boolean,
    point: string,
    "drain-bench": boolean,
    json: boolean,
  };
  return readFlags(args, options, schema);
}

export const USAGE = `npm run consistency -- [flags]

Drives many clients against real workerd while shards are registered, drained, rebalanced, undone,
paused and cancelled, and judges what they saw. It ends with 1 where anything was wrong.

  --seeds 1-50        one run a seed (1)
  --operations N      requests a run (5000)
  --clients N         at once (16)
  --parallel N        so many runs at a time, each with a workerd of its own (1)
  --calm              objects are left alone; without it some are evicted and aborted at random
  --crash             objects are also aborted, and messages lost, at the points of a move
  --kill              the whole process is also killed (-9) and started again
  --every-point       instead: each point of a register and a drain, and who may fail there, by turn
  --point TEXT        of those, only the points whose names hold the text
  --drain-bench       instead: one of eight shards is drained under load, and measured
  --json              the results as JSON`;

const ABORT_EVERY_MS = 1_500;
const EVICT_EVERY_MS = 700;
const CRASH_POINT_SHARE = 0.03;
const DELAYED_POINT_SHARE = 0.1;
const KILL_EVERY_MS = 6_000;

export function faultsOf({ calm, crash, kill }: ConsistencyFlags): FaultOptions {
  return {
    abortEveryMs: calm ? null : ABORT_EVERY_MS,
    evictEveryMs: calm ? null : EVICT_EVERY_MS,
    pointShare: crash ? CRASH_POINT_SHARE : 0,
    delayShare: crash ? DELAYED_POINT_SHARE : 0,
    aims: [],
    killEveryMs: kill ? KILL_EVERY_MS : null,
  };
}

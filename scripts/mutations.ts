import { z } from "zod";
import { runMutations } from "./consistency/mutations/run-mutations.ts";
import { readFlags, wholeNumber } from "./load/flags.ts";

const USAGE = `npm run mutations -- [flags]

Breaks one rule of the protocol at a time, in a bundle alone, and runs the consistency harness until
a seed finds it: each seed first brings about the races that the rules are there for, then changes
the topology at random. It ends with 1 where a mutant lives, or where the product itself is red.

  --only TEXT       mutations whose names hold the text
  --seeds-max N     seeds 1 to N each (3)
  --operations N    requests a seed at random (6000)`;

const schema = z.object({
  only: z.string().default(""),
  "seeds-max": wholeNumber("seeds-max", 1, 10_000).default(3),
  operations: wholeNumber("operations", 1, 1_000_000).default(6_000),
});

/** `npm run mutations`; see USAGE. */
async function main(): Promise<void> {
  const string = { type: "string" } as const;
  const options = { only: string, "seeds-max": string, operations: string };
  const read = readFlags(process.argv.slice(2), options, schema);
  if (read.kind !== "flags") {
    console.log(read.kind === "help" ? USAGE : read.message);
    if (read.kind === "refused") process.exitCode = 2;
    return;
  }
  const { only, operations, "seeds-max": seedLast } = read.flags;
  const isRight = await runMutations({ only, seedFirst: 1, seedLast, operations });
  if (!isRight) process.exitCode = 1;
}

await main();

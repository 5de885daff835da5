import { z } from "zod";
import { readFlags, wholeNumber } from "./flags.ts";

interface RoundsCommand {
  /** As it is typed: `npm run bench`. */
  name: string;
  help: string;
  /** Rounds where none are asked for. */
  rounds: number;
}

const schema = z.object({ rounds: wholeNumber("rounds", 1, 1_000) });

/**
 * Runs a measurement that takes `--rounds N` and `--help` alone. Returns the exit code: the
 * measurement's own, or 1 where the flags cannot be read.
 */
export async function runRounds(
  { name, help, rounds }: RoundsCommand,
  measure: (rounds: number) => Promise<number>,
): Promise<number> {
  const options = { rounds: { type: "string" as const, default: String(rounds) } };
  const read = readFlags(process.argv.slice(2), options, schema);
  if (read.kind === "help") {
    console.log(help);
    return 0;
  }
  if (read.kind === "refused" || read.positionals.length > 0) {
    const message = read.kind === "refused" ? read.message : "It takes flags alone.";
    console.error(`${message} See ${name} -- --help.`);
    return 1;
  }
  return await measure(read.flags.rounds);
}

import { askAccess } from "./access/ask.ts";
import { HELP, readCommand } from "./access/command.ts";
import { runOnce } from "./dev/run.ts";

/** `npm run access`; see HELP. */
await runOnce(async () => {
  const read = readCommand(process.argv.slice(2));
  if (read.kind === "help") {
    console.log(HELP);
    return;
  }
  if (read.kind === "refused") {
    console.error(`${read.message} See npm run access -- --help.`);
    process.exitCode = 1;
    return;
  }
  for (const line of await askAccess(read.command, read.url, process.env)) console.log(line);
});

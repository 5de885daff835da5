import { parseArgs } from "node:util";
import { StartProblem } from "./database/start-problem.ts";
import { bootstrap } from "./dev/bootstrap.ts";
import { runOnce } from "./dev/run.ts";

const USAGE =
  "Use: BOOTSTRAP_SECRET=… npm run bootstrap -- --url https://cache.example.com --email you@example.com";

/** `npm run bootstrap`: makes the first admin and the first data-API token of a deployed CepatEdge. */
await runOnce(async () => {
  const { url, email } = readArguments();
  const secret = process.env["BOOTSTRAP_SECRET"];
  if (!secret) throw new StartProblem(`BOOTSTRAP_SECRET is not set. ${USAGE}`);
  const { admin, token } = await bootstrap(url, secret, email);
  if (admin === null && token === null) {
    console.log("Nothing to do: there are operators already, and their passwords are not kept.");
  }
  if (admin !== null) {
    console.log(`Sign in at ${url} as ${admin.email}\nPassword: ${admin.password}`);
  }
  if (token !== null) console.log(`API token: ${token}`);
  if (admin !== null || token !== null) console.log("They are shown only now; keep them safe.");
});

function readArguments(): { url: string; email: string } {
  const { values } = parseArgs({
    options: { url: { type: "string" }, email: { type: "string" } },
    strict: false,
  });
  const { url, email } = values;
  if (typeof url !== "string" || !URL.canParse(url)) throw new StartProblem(USAGE);
  if (typeof email !== "string" || !email.includes("@")) throw new StartProblem(USAGE);
  return { url, email };
}

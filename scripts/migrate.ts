import { fileURLToPath } from "node:url";
import { migrateDatabase } from "./database/migrations.ts";
import { openPostgres } from "./database/postgres-backend.ts";
import { StartProblem } from "./database/start-problem.ts";
import { runOnce } from "./dev/run.ts";
import { readSettings } from "./dev/settings.ts";

/**
 * `npm run db:migrate`: brings the database at DATABASE_URL (Neon or any Postgres; from the
 * environment or .dev.vars) up to migrations/. It speaks Postgres' own protocol, because Neon's
 * HTTP protocol cannot tell a migration that is half done from one that is not begun.
 */
await runOnce(async () => {
  const { vars } = await readSettings(fileURLToPath(new URL("..", import.meta.url)), process.env);
  const url = vars["DATABASE_URL"];
  if (url === undefined) {
    throw new StartProblem(
      "Set DATABASE_URL to the database to migrate; the embedded one is migrated by `npm run dev`.",
    );
  }
  const backend = await openPostgres(url);
  try {
    const count = await migrateDatabase(backend);
    console.log(
      `${backend.place}: ${count === 0 ? "nothing to do" : `${count} migration(s) run`}.`,
    );
  } finally {
    await backend.close();
  }
});

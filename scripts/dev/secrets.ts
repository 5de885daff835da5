import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errorCode, StartProblem } from "../database/start-problem.ts";

const SECRET_BYTES = 32;

const secretsSchema = z.object({
  SESSION_SECRET: z.string().min(32),
  BOOTSTRAP_SECRET: z.string().min(32),
});

export type Secrets = z.infer<typeof secretsSchema>;

/**
 * The secrets of this development server: made up at the first start, kept for the next, so that
 * nobody is signed out by a restart. Those that the user has set in .dev.vars or the environment
 * come first, and no file of the user's is written.
 */
export async function readOrMakeSecrets(
  home: string,
  vars: Record<string, string>,
): Promise<Secrets> {
  const file = fileIn(home);
  const kept = (await readKeptSecrets(home)) ?? (await makeSecrets(file));
  return {
    SESSION_SECRET: vars["SESSION_SECRET"] ?? kept.SESSION_SECRET,
    BOOTSTRAP_SECRET: vars["BOOTSTRAP_SECRET"] ?? kept.BOOTSTRAP_SECRET,
  };
}

/** Null: no development server has started in this home yet. */
export async function readKeptSecrets(home: string): Promise<Secrets | null> {
  const file = fileIn(home);
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new StartProblem(
      `The file ${file} cannot be read. Delete it: the next start makes one.`,
      {
        cause: error,
      },
    );
  }
}

function fileIn(home: string): string {
  return join(home, "secrets.json");
}

async function makeSecrets(file: string): Promise<Secrets> {
  const secrets = { SESSION_SECRET: randomSecret(), BOOTSTRAP_SECRET: randomSecret() };
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

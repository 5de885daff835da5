import { fileURLToPath } from "node:url";
import { z } from "zod";
import { errorText, StartProblem } from "../database/start-problem.ts";
import { readKeptSecrets } from "../dev/secrets.ts";
import { localUrl, readSettings } from "../dev/settings.ts";
import type { Command } from "./command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TIMEOUT_MS = 30_000;

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  rateLimitPerSecond: z.number().nullable(),
  createdAtMs: z.number(),
  revokedAtMs: z.number().nullable(),
});

const problemSchema = z.object({ detail: z.string() });

/**
 * Sends the command to the door and answers the lines to print; throws a StartProblem, in which
 * nothing secret stands, where it was not done.
 *
 * @param url null: what `npm run dev` has started, with the secret that it keeps
 */
export async function askAccess(
  command: Command,
  url: string | null,
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  const origin = url ?? localUrl(environment);
  const secret = url === null ? await localSecret(environment) : environment["BOOTSTRAP_SECRET"];
  if (!secret) {
    throw new StartProblem(
      "BOOTSTRAP_SECRET is not set. Put the deployment's own into the environment.",
    );
  }
  const response = await send(new URL("/access", origin), secret, command);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return linesFor(command, answer);
  const problem = problemSchema.safeParse(answer);
  const why = problem.success ? problem.data.detail : `It answered ${response.status}.`;
  const hint =
    response.status === 401 ? `${origin} refuses BOOTSTRAP_SECRET. Set the one it was given.` : why;
  throw new StartProblem(hint);
}

async function localSecret(environment: NodeJS.ProcessEnv): Promise<string> {
  const { home, vars } = await readSettings(ROOT, environment);
  const secret = vars["BOOTSTRAP_SECRET"] ?? (await readKeptSecrets(home))?.BOOTSTRAP_SECRET;
  if (secret !== undefined) return secret;
  throw new StartProblem(
    `There is no secret in ${home}: start npm run dev first, or name a deployment by --url.`,
  );
}

async function send(url: URL, secret: string, command: Command): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(command),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new StartProblem(`${url.origin} does not answer (${errorText(cause)}).`, {
      cause: error,
    });
  }
}

function linesFor(command: Command, answer: unknown): string[] {
  switch (command.command) {
    case "token-create": {
      const { token, secret } = z.object({ token: tokenSchema, secret: z.string() }).parse(answer);
      return [`Token ${token.name}, id ${token.id}`, secret, "It is shown only now."];
    }
    case "token-list": {
      const { tokens } = z.object({ tokens: z.array(tokenSchema) }).parse(answer);
      return tokens.length === 0 ? ["There is no token."] : tokens.map(tokenLine);
    }
    case "token-revoke":
      return [`Token ${command.id} is revoked; it opens nothing any more.`];
    case "operator-add":
    case "operator-reset":
      return operatorLines(answer);
    default:
      return command satisfies never;
  }
}

function tokenLine(token: z.infer<typeof tokenSchema>): string {
  const { id, name, scopes, rateLimitPerSecond, createdAtMs, revokedAtMs } = token;
  const rate = rateLimitPerSecond === null ? "no limit" : `${rateLimitPerSecond}/s`;
  const made = `made ${new Date(createdAtMs).toISOString()}`;
  const end = revokedAtMs === null ? [] : [`revoked ${new Date(revokedAtMs).toISOString()}`];
  return [id, name, scopes.join(","), rate, made, ...end].join("  ");
}

function operatorLines(answer: unknown): string[] {
  const { email, password, disabled } = z
    .object({
      email: z.string(),
      password: z.string().nullable(),
      disabled: z.boolean().default(false),
    })
    .parse(answer);
  return [
    `Operator  ${email}`,
    password === null
      ? "Signs in through Cloudflare Access; there is no password."
      : `Password  ${password}   (shown only now)`,
    ...(disabled ? ["This operator is disabled, and cannot sign in all the same."] : []),
  ];
}

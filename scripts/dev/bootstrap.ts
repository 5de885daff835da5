import { z } from "zod";
import { errorText, StartProblem } from "../database/start-problem.ts";

/** The first request makes Vite build the whole Worker, which takes its time on a small machine. */
const BOOTSTRAP_TIMEOUT_MS = 120_000;

const answerSchema = z.object({
  admin: z.object({ email: z.string(), password: z.string() }).nullable(),
  token: z.string().nullable(),
});

/** Both null: it has been done before, and what it made cannot be shown again. */
export type BootstrapAnswer = z.infer<typeof answerSchema>;

/**
 * Asks a running CepatEdge for its first admin and its first data-API token. Throws a StartProblem
 * when it does not answer, or refuses the secret.
 *
 * @param password the admin's; without one the other side makes one up
 */
export async function bootstrap(
  origin: string,
  secret: string,
  email: string,
  password?: string,
): Promise<BootstrapAnswer> {
  const url = new URL("/bootstrap", origin);
  const response = await fetchOrExplain(url, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
    redirect: "error",
    signal: AbortSignal.timeout(BOOTSTRAP_TIMEOUT_MS),
  });
  const text = await response.text();
  const answer = answerSchema.safeParse(parseJson(text));
  if (response.ok && answer.success) return answer.data;
  if (response.status === 401 || response.status === 403) {
    throw new StartProblem(`${url.origin} refuses BOOTSTRAP_SECRET. Set the one it was given.`);
  }
  throw new StartProblem(
    `${url.href} answered ${response.status} and no first admin: ${firstLine(text)}`,
  );
}

async function fetchOrExplain(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new StartProblem(`${url.origin} does not answer (${errorText(cause)}).`, {
      cause: error,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 200) ?? "";
}

import { z } from "zod";

/** The shapes of Neon's HTTP protocol that the driver reads; how a value looks is its business. */
const resultSchema = z.object({
  fields: z.array(z.object({ name: z.string(), dataTypeID: z.number() })),
  rows: z.array(z.array(z.unknown())),
});
const answerSchemas = {
  200: z.union([resultSchema, z.object({ results: z.array(resultSchema) })]),
  400: z.object({ message: z.string() }),
};

/**
 * The whole answer, read and looked at before the driver sees it. The driver calls an error of its
 * `fetch` a database that cannot be reached; an answer that breaks off, or that something between
 * here and the database has made up, it would throw at the page as a fault of the program.
 *
 * @throws where the body does not come, or is not what such a status has
 */
export async function readProtocolAnswer(response: Response): Promise<Response> {
  const { status } = response;
  const text = await response.text();
  const schema = status === 200 || status === 400 ? answerSchemas[status] : null;
  if (schema !== null && !schema.safeParse(parseJson(text)).success) {
    throw new Error(
      `The database's endpoint answered ${status} with what is no answer of Postgres.`,
    );
  }
  return new Response(text, { status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

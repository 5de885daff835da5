import { expect } from "vitest";

/** Status and code of an error, whose whole form is checked first. */
export async function problemOf(response: Response): Promise<[status: number, code: string]> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = await response.json<{ code: string }>();
  expect(problem).toEqual({
    type: `urn:cepatedge:problem:${problem.code}`,
    title: expect.stringMatching(/^[A-Z]/),
    status: response.status,
    detail: expect.stringMatching(/\.$/),
    code: expect.stringMatching(/^[a-z-]+$/),
  });
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  return [response.status, problem.code];
}

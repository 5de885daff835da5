import { reset } from "cloudflare:test";
import { beforeAll } from "vitest";

/** The files of a run share one isolate and its objects: each begins where nothing is stored. */
beforeAll(async () => {
  await reset();
});

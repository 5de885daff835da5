import { data } from "react-router";
import { z } from "zod";
import type { Operation, SlotMovePage } from "../../workers/contracts.ts";
import { SLOT_COUNT } from "../../workers/lib/limits.ts";
import { askRegistry, type RegistryAnswer } from "../ask-registry.server.ts";

export interface OperationPage {
  operation: Operation;
  moves: SlotMovePage;
  /** The slot after which the table begins; -1: from the start. */
  after: number;
  nowMs: number;
}

const afterSchema = z.coerce
  .number()
  .int()
  .min(-1)
  .max(SLOT_COUNT - 1)
  .catch(-1);

/** Throws a 404 where there is no such operation, or no longer. */
export async function readOperation(
  env: Env,
  id: string,
  request: Request,
): Promise<RegistryAnswer<OperationPage>> {
  const after = afterSchema.parse(new URL(request.url).searchParams.get("after") ?? -1);
  const answer = await askRegistry(env, async (registry) => {
    const [operation, moves] = await Promise.all([
      registry.operation(id),
      registry.operationMoves(id, after),
    ]);
    return { operation, moves };
  });
  if (answer.kind === "failed") return answer;
  const { operation, moves } = answer.value;
  if (operation === null) {
    const message = "There is no such operation, or it is too long ago to be remembered.";
    throw data({ title: "Not found", message }, { status: 404 });
  }
  return { kind: "answered", value: { operation, moves, after, nowMs: Date.now() } };
}

import { counted } from "../../words/counts.ts";
import type { DoneAnswer } from "../contracts/operations.ts";
import { readAttempt } from "./attempt.ts";
import { sentence } from "./sentence.ts";
import { deleteSize } from "./figures-store.ts";
import { shardNameInput } from "./input.ts";
import type { RegistryState } from "./registry-state.ts";
import { activeShards, deleteShard, type Shard } from "./shards-store.ts";

export interface DeregisterPorts {
  /** Usage logs that the shard holds; throws when it cannot be asked. */
  countLogs(shard: string): Promise<number>;
}

/** Forgets a shard that holds neither slots nor logs. Its object and its name may be used again. */
export async function deregisterInstance(
  state: RegistryState,
  ports: DeregisterPorts,
  name: unknown,
  actor: unknown,
  reason: unknown,
): Promise<DoneAnswer> {
  const asked = { subject: name, actor, reason };
  const read = readAttempt(state, "shard.deregister", shardNameInput, asked);
  if (read.kind === "refused") return read;
  const { attempt } = read;
  const shard = state.world.byName.get(read.value);
  if (shard === undefined) {
    return state.refuse(attempt, "shard-unknown", `There is no shard ${read.value}.`);
  }
  return state.exclusively(attempt, async (): Promise<DoneAnswer> => {
    const active = activeShards(state.world);
    if (active.length === 1 && active[0]?.id === shard.id) {
      const message = `${shard.name} is the last active shard.`;
      return state.refuse(attempt, "last-active-shard", message);
    }
    const slots = state.world.slotCounts[shard.id] ?? 0;
    if (slots > 0) {
      const message = `${shard.name} holds ${counted(slots, "slot")}.`;
      return state.refuse(attempt, "shard-holds-slots", message);
    }
    const logs = await ports.countLogs(shard.name).catch(sentence);
    if (typeof logs === "string") {
      const message = `${shard.name} cannot be reached: ${logs}`;
      return state.refuse(attempt, "shard-unreachable", message);
    }
    if (logs > 0) {
      const message = `${shard.name} holds ${counted(logs, "usage log")}.`;
      return state.refuse(attempt, "shard-holds-logs", message);
    }
    state.changeWorld(() => {
      state.breakers.delete(shard.id);
      deleteSize(state.sql, shard.name);
      deleteShard(state.sql, shard.id);
      state.tellDone(attempt, told(shard), null);
    });
    state.breakers.forget(shard.id);
    return { kind: "done" };
  });
}

function told({ id: _id, ...shard }: Shard): Omit<Shard, "id"> {
  return shard;
}

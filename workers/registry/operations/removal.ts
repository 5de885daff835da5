import type { StoredOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { carryOut } from "./carry-out.ts";
import type { World } from "../shards-store.ts";
import type { Intent } from "./intent.ts";
import type { ShardPorts } from "./measure.ts";
import { intend } from "./plan-operation.ts";
import { findRemoval, forgetRemoval, type Removal, saveRemoval } from "./removal-store.ts";

export interface RemovalPorts extends Pick<ShardPorts, "retire" | "dropStages"> {
  /** The alarm comes, and goes on with the removal, should this object end meanwhile. */
  arm(): Promise<void>;
}

/**
 * Removes a shard by force. Whoever still reaches one that is thought to be gone must not be
 * acknowledged a write there that nobody reads: it is closed before its slots get new owners, where
 * it answers at all. That it will be removed stands in storage before it is closed, so that none is
 * left closed that owns slots still.
 */
export async function beginRemoval(
  state: RegistryState,
  ports: RemovalPorts,
  removal: Removal,
  intent: Intent,
): Promise<StoredOperation> {
  state.change(() => saveRemoval(state.sql, removal));
  await ports.arm();
  return await closeAndCarryOut(state, ports, removal, intent);
}

/** Goes on with a removal that the end of this object has interrupted; null: there is none. */
export async function goOnWithRemoval(
  state: RegistryState,
  ports: RemovalPorts,
): Promise<StoredOperation | null> {
  return await state.alone(async () => {
    const removal = findRemoval(state.sql);
    if (removal === null) return null;
    const intent = intend(state, removal.stored.request);
    if ("moves" in intent) return await closeAndCarryOut(state, ports, removal, intent);
    // Nothing changes while it waits, so this is a bug; it must not hold up all that comes after.
    state.change(() => forgetRemoval(state.sql));
    state.refuse(removal.attempt, intent.reason, intent.message);
    return null;
  });
}

/**
 * No operation runs, so whatever the shard had been copying to others will never be committed. It
 * cannot tell them so any more, and they would keep it until the slot moved again. Only what a shard
 * owns may have been committed to it and wait for the proof, so that stays.
 */
async function closeAndCarryOut(
  state: RegistryState,
  ports: RemovalPorts,
  { stored: { plan }, attempt }: Removal,
  intent: Intent,
): Promise<StoredOperation> {
  const { world } = state;
  const epoch = world.epoch + 1;
  const others = [...world.byName.keys()].filter((name) => !plan.shards.includes(name));
  const calls = plan.shards.flatMap((gone) => [
    ports.retire(gone, epoch),
    ...others.map((name) => ports.dropStages(name, gone, epoch, slotsOfOthers(world, name))),
  ]);
  await Promise.allSettled(calls);
  state.observer.reached("registry:retired");
  return carryOut(state, plan, intent, attempt);
}

/** Every slot that the shard does not own. */
function slotsOfOthers({ byName, table }: World, name: string): number[] {
  const id = byName.get(name)?.id;
  return [...table.owners.keys()].filter((slot) => table.owners[slot] !== id);
}

import { DurableObject } from "cloudflare:workers";
import type { Entry } from "../../workers/contracts.ts";
import { EntriesStore } from "../../workers/shard/entries-store.ts";
import { FenceTable } from "../../workers/shard/fence-table.ts";
import { createRandomHalf } from "../../workers/shard/random-half.ts";
import { applySchemaSteps } from "../../workers/lib/schema-steps.ts";
import { SHARD_SCHEMA_STEPS } from "../../workers/shard/schema-steps.ts";
import { UsageLogWriter } from "../../workers/shard/usage-log.ts";
import { keyAt } from "./protocol.ts";

const CAPACITY_BYTES = 64 * 1_048_576;
const SLOT = 0;

/**
 * What the product is compared with: an object that reads one row by its key and answers it. It
 * has the product's tables and log row, and no fence, no checks, no eviction, no registry.
 */
export class PlainObject extends DurableObject {
  readonly #entries: EntriesStore;
  readonly #logs: UsageLogWriter;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, SHARD_SCHEMA_STEPS);
    this.#entries = new EntriesStore(ctx.storage.sql, new FenceTable(ctx.storage.sql));
    this.#logs = new UsageLogWriter(ctx.storage.sql, createRandomHalf());
  }

  async fill(type: string, keys: number, value: Uint8Array): Promise<void> {
    const entry = { value, contentType: "application/octet-stream", expiresAtMs: null };
    for (let index = 0; index < keys; index += 1) {
      const address = { slot: SLOT, type, key: keyAt(index) };
      this.#entries.put(address, entry, Date.now(), CAPACITY_BYTES);
    }
  }

  async get(type: string, key: string): Promise<Entry | null> {
    return this.#entries.find(SLOT, type, key)?.entry ?? null;
  }

  async getAndLog(type: string, key: string): Promise<Entry | null> {
    const entry = this.#entries.find(SLOT, type, key)?.entry ?? null;
    const outcome = entry === null ? "miss" : "hit";
    const bytes = entry?.value.byteLength ?? 0;
    const operation = "get";
    this.#logs.append(
      { type, operation, outcome, entryKey: key, slot: SLOT, epoch: 1, bytes },
      Date.now(),
    );
    return entry;
  }
}

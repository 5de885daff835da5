import { DurableObject } from "cloudflare:workers";
import { readLogPage } from "../../workers/shard/log-page.ts";
import { createRandomHalf } from "../../workers/shard/random-half.ts";
import { applySchemaSteps } from "../../workers/lib/schema-steps.ts";
import { SHARD_SCHEMA_STEPS } from "../../workers/shard/schema-steps.ts";
import { UsageLogWriter } from "../../workers/shard/usage-log.ts";
import type { LogObject } from "./log-object.ts";
import { sampleLog } from "./sample-log.ts";

/** The product's usage log, one row a log, with the product's own writer and reader. */
export class RowLogObject extends DurableObject implements LogObject {
  readonly #sql: SqlStorage;
  readonly #logs: UsageLogWriter;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, SHARD_SCHEMA_STEPS);
    this.#sql = ctx.storage.sql;
    this.#logs = new UsageLogWriter(this.#sql, createRandomHalf());
  }

  /** Takes away the newest and keeps the rest, so that a round changes nothing for the next one. */
  async resize(rows: number): Promise<string | null> {
    const { count } = this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM usage_logs")
      .one();
    this.#sql.exec(
      `DELETE FROM usage_logs WHERE key IN
        (SELECT key FROM usage_logs ORDER BY key DESC LIMIT ?)`,
      Math.max(0, count - rows),
    );
    return await this.append(Math.max(0, rows - count));
  }

  async append(appends: number): Promise<string | null> {
    for (let index = 0; index < appends; index += 1)
      this.#logs.append(sampleLog(index), Date.now());
    return null;
  }

  /** Goes from page to page as a reader does, and starts over at the end. */
  async page(pages: number, pageRows: number): Promise<number> {
    const shard = { name: "bench", retainedFromMs: null, hasAdopted: false };
    let read = 0;
    let before: string | null = null;
    for (let page = 0; page < pages; page += 1) {
      const query = { limit: pageRows, ...(before === null ? {} : { before }) };
      const { logs, next } = readLogPage(this.#sql, query, shard);
      read += logs.length;
      before = next;
    }
    return read;
  }
}

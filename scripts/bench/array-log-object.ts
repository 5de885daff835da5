import { DurableObject } from "cloudflare:workers";
import type { LogObject } from "./log-object.ts";
import { sampleLog, type SampleLog } from "./sample-log.ts";

const LOGS_KEY = "usage:logs";

/**
 * The design that the product replaced: all usage logs in one array under one key. To append, the
 * whole array is read, changed and written back.
 */
export class ArrayLogObject extends DurableObject implements LogObject {
  async resize(rows: number): Promise<string | null> {
    return await this.#write(Array.from({ length: rows }, (_, index) => sampleLog(index)));
  }

  async append(appends: number): Promise<string | null> {
    for (let index = 0; index < appends; index += 1) {
      const logs = await this.#read();
      logs.push(sampleLog(index));
      const refused = await this.#write(logs);
      if (refused !== null) return refused;
    }
    return null;
  }

  async page(pages: number, pageRows: number): Promise<number> {
    let read = 0;
    for (let page = 0; page < pages; page += 1) {
      const logs = await this.#read();
      read += logs.slice(-pageRows).toReversed().length;
    }
    return read;
  }

  async #read(): Promise<SampleLog[]> {
    return (await this.ctx.storage.get<SampleLog[]>(LOGS_KEY)) ?? [];
  }

  /** A value may have 2 MB (https://developers.cloudflare.com/durable-objects/platform/limits/). */
  async #write(logs: SampleLog[]): Promise<string | null> {
    try {
      await this.ctx.storage.put(LOGS_KEY, logs);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

import type { UsageLog } from "../../../workers/contracts.ts";
import { between, type Random } from "../../load/random.ts";
import { pause } from "./clock.ts";
import type { Door } from "./door.ts";

/** One reader's way through the merged listing, from the newest log to the oldest. */
export interface Walk {
  startedWallMs: number;
  /** In the order in which they were read. */
  keys: string[];
}

const PAGE_ROWS = { min: 100, max: 1_000 };

/** Pages through the merged listing while everything moves. A walk that a failure broke is dropped. */
export class LogWalks {
  readonly walks: Walk[] = [];
  broken = 0;
  readonly #door: Door;
  readonly #random: Random;

  constructor(door: Door, random: Random) {
    this.#door = door;
    this.#random = random;
  }

  async runWhile(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const startedWallMs = Date.now();
      const limit = between(this.#random, PAGE_ROWS.min, PAGE_ROWS.max);
      const logs = await listAllLogs(this.#door, limit).catch(() => null);
      if (logs === null) this.broken += 1;
      else this.walks.push({ startedWallMs, keys: logs.map(({ key }) => key) });
      await pause(between(this.#random, 100, 800));
    }
  }
}

/** Every log, page by page. Throws where a shard's rows are missing from a page. */
export async function listAllLogs(door: Door, limit: number): Promise<UsageLog[]> {
  const logs: UsageLog[] = [];
  let before: string | null = null;
  do {
    const cursor: { before?: string } = before === null ? {} : { before };
    const page = await door.listLogs({ limit, ...cursor });
    const [missing] = page.missing;
    if (missing !== undefined) throw new Error(`The logs of ${missing.shard} are missing.`);
    logs.push(...page.logs);
    before = page.next;
  } while (before !== null);
  return logs;
}

import type { Stream } from "../../contracts.ts";
import type { MoveParts } from "./ports.ts";

/** What a copy has staged, or may have, and where. */
interface Staged {
  operation: string;
  epoch: number;
  target: string;
  slots: number[];
}

/** What copies that came to nothing have staged at a target, and what must be dropped there. */
export interface Leftover {
  stream: Stream;
  target: string;
  slots: number[];
}

interface LeftoverRow extends Record<string, SqlStorageValue> {
  stream: number;
  operation: string;
  epoch: number;
  target: string;
  slots: string;
}

/**
 * The newest stream to each target, with the slots of all to it. With one max(), SQLite takes the
 * other columns from the row that has it. A slot that a later stream has brought there is no
 * leftover: that copy took the place of the earlier one, and the target may hold it staged still,
 * committed and waiting for the proof, when a yet later stream's discard comes.
 */
const newestOf = (where: string) => `SELECT max(stream) AS stream, operation, epoch, target,
    json_group_array(DISTINCT value) AS slots
  FROM move_streams, json_each(slots)
  WHERE ${where} AND NOT EXISTS (SELECT 1 FROM outgoing_moves AS brought
    WHERE brought.slot = value AND brought.target = move_streams.target
      AND brought.stream > move_streams.stream)
  GROUP BY target ORDER BY max(stream)`;
const ALL = newestOf("TRUE");
const OF_TARGET = newestOf("target = ?");

/**
 * The stages that this source has filled, or may have, and that no commit has settled. However many
 * copies to a target came to nothing, the newest stands for all of them: the target drops on its
 * discard what older streams staged too, and nothing of a newer one. Streams go up as epochs do,
 * since a source has one batch on its way, and the registry one operation.
 */
export class Leftovers {
  readonly #parts: Pick<MoveParts, "sql" | "name">;

  constructor(parts: Pick<MoveParts, "sql" | "name">) {
    this.#parts = parts;
  }

  /** A new copy, in its transaction: a leftover from here on, until it is settled. */
  begin({ operation, epoch, target, slots }: Staged): Stream {
    this.#fold(target);
    const query = `INSERT INTO move_streams (operation, epoch, target, slots)
      VALUES (?, ?, ?, ?) RETURNING stream`;
    const list = JSON.stringify(slots);
    const row = this.#parts.sql.exec<{ stream: number }>(query, operation, epoch, target, list);
    return { operation, source: this.#parts.name(), epoch, stream: row.one().stream };
  }

  /** The copy is the registry's to decide about now. */
  settle({ stream }: Stream): void {
    this.#parts.sql.exec("DELETE FROM move_streams WHERE stream = ?", stream);
  }

  /** It was refused: the target holds what was staged for the slots until it is told to drop it. */
  owe(stream: number, { operation, epoch, target, slots }: Staged): void {
    const query = "INSERT OR REPLACE INTO move_streams VALUES (?, ?, ?, ?, ?)";
    this.#parts.sql.exec(query, stream, operation, epoch, target, JSON.stringify(slots));
  }

  /**
   * One a target, oldest first. A copy that is on its way would be among them, so ask between two
   * batches; what is told then may be dropped at any time, also beside a later batch.
   */
  list(): Leftover[] {
    return this.#read(ALL);
  }

  /** It is dropped there. What a later copy has staged is owed still, whatever was added to it. */
  forget({ stream, target }: Leftover): void {
    const query = "DELETE FROM move_streams WHERE target = ? AND stream <= ?";
    this.#parts.sql.exec(query, target, stream.stream);
  }

  /** So that a target which fails again and again takes two rows: what is owed, and a copy. */
  #fold(target: string): void {
    const { sql } = this.#parts;
    for (const { stream, slots } of this.#read(OF_TARGET, target)) {
      sql.exec("DELETE FROM move_streams WHERE target = ? AND stream < ?", target, stream.stream);
      const query = "UPDATE move_streams SET slots = ?1 WHERE stream = ?2 AND slots <> ?1";
      sql.exec(query, JSON.stringify(slots), stream.stream);
    }
  }

  #read(query: string, ...bindings: string[]): Leftover[] {
    const rows = this.#parts.sql.exec<LeftoverRow>(query, ...bindings).toArray();
    return rows.map(({ stream, operation, epoch, target, slots }) => ({
      stream: { operation, source: this.#parts.name(), epoch, stream },
      target,
      slots: parseSlots(slots),
    }));
  }
}

/** What this file has written itself. */
function parseSlots(text: string): number[] {
  const slots: number[] = JSON.parse(text);
  return slots;
}

import { createHash } from "node:crypto";
import type { MovedEntry, SlotDigest } from "../../contracts.ts";
import { entrySize } from "../entries-store.ts";

const LANES = 8;
const LANE_BYTES = 4;

/**
 * A slot's contents in short, whatever the order in which they are read: the number of entries,
 * their sizes, and the sum, lane by lane modulo 2^32, of the SHA-256 of each entry. A sum of hashes
 * is Bellare and Micciancio's AdHash (EUROCRYPT '97); it stands against faults, and nobody who could
 * choose entries to collide would gain a thing.
 */
export class DigestSum {
  readonly #lanes = new Uint32Array(LANES);
  #entries = 0;
  #bytes = 0;

  add(entry: MovedEntry): void {
    const hash = hashEntry(entry);
    for (let lane = 0; lane < LANES; lane++) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + hash.readUInt32BE(lane * LANE_BYTES);
    }
    this.#entries += 1;
    this.#bytes += entrySize(entry.type, entry.key, entry);
  }

  read(slot: number): SlotDigest {
    const hash = Array.from(this.#lanes, (lane) => lane.toString(16).padStart(8, "0")).join("");
    return { slot, entries: this.#entries, bytes: this.#bytes, hash };
  }
}

/** JSON text holds no raw line break, so what comes before the value is unambiguous. */
function hashEntry({
  type,
  key,
  contentType,
  expiresAtMs,
  storedAtMs,
  version,
  value,
}: MovedEntry) {
  const head = JSON.stringify([type, key, contentType, expiresAtMs, storedAtMs, version]);
  return createHash("sha256").update(`${head}\n`).update(value).digest();
}

export function isEqualDigest(one: SlotDigest, other: SlotDigest | undefined): boolean {
  return (
    other !== undefined &&
    one.slot === other.slot &&
    one.entries === other.entries &&
    one.bytes === other.bytes &&
    one.hash === other.hash
  );
}

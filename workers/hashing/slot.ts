import { SLOT_COUNT } from "../lib/limits.ts";
import { crc16OfText } from "./crc16.ts";

const SLOT_MASK = SLOT_COUNT - 1;
const COLON = ":";

/**
 * The slot of a cache entry, 0…16383: CRC16 of `type:key`, or of the key's hash tag alone.
 *
 * A type has no braces (see TYPE_PATTERN), so the first `{` of `type:key`, and with it the tag,
 * can only stand in the key. The text is therefore never joined: this is on the hot path.
 * Entries of different types that share a tag share a slot, as in Redis Cluster.
 */
export function slotFor(type: string, key: string): number {
  const open = key.indexOf("{");
  if (open !== -1) {
    const close = key.indexOf("}", open + 1);
    if (close > open + 1) return crc16OfText(key, 0, open + 1, close) & SLOT_MASK;
  }
  let crc = crc16OfText(type, 0, 0, type.length);
  crc = crc16OfText(COLON, crc, 0, 1);
  return crc16OfText(key, crc, 0, key.length) & SLOT_MASK;
}

/**
 * What `CLUSTER KEYSLOT text` answers. Only what stands between the first `{` and the first `}`
 * after it is hashed, unless that is empty.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function keySlot(text: string): number {
  const open = text.indexOf("{");
  if (open !== -1) {
    const close = text.indexOf("}", open + 1);
    if (close > open + 1) return crc16OfText(text, 0, open + 1, close) & SLOT_MASK;
  }
  return crc16OfText(text, 0, 0, text.length) & SLOT_MASK;
}

/**
 * CRC16 XMODEM: width 16, polynomial 0x1021, initial value 0, nothing reflected, no final xor.
 * Source: appendix A of the Redis Cluster specification,
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#appendix-a-crc16-reference-implementation-in-ansi-c
 */
const POLYNOMIAL = 0x1021;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  }
  return crc & 0xffff;
});

const REPLACEMENT_CHARACTER = 0xfffd;

/**
 * Goes on from `crc` (0 at the start) over the UTF-8 bytes of the characters `start`…`end - 1`.
 * The bytes are made on the way, so that nothing is allocated; like TextEncoder it reads a
 * surrogate without its partner as U+FFFD.
 */
export function crc16OfText(text: string, crc: number, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      crc = addByte(crc, unit);
      continue;
    }
    const point = codePointAt(text, at, end, unit);
    if (point > 0xffff) at += 1;
    crc = addCodePoint(crc, point);
  }
  return crc;
}

/** Never called for ASCII. */
function addCodePoint(crc: number, point: number): number {
  if (point < 0x800) {
    return addByte(addByte(crc, 0xc0 | (point >> 6)), 0x80 | (point & 0x3f));
  }
  if (point > 0xffff) {
    crc = addByte(crc, 0xf0 | (point >> 18));
    crc = addByte(crc, 0x80 | ((point >> 12) & 0x3f));
  } else {
    crc = addByte(crc, 0xe0 | (point >> 12));
  }
  return addByte(addByte(crc, 0x80 | ((point >> 6) & 0x3f)), 0x80 | (point & 0x3f));
}

function codePointAt(text: string, at: number, end: number, unit: number): number {
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  const next = at + 1 < end ? text.charCodeAt(at + 1) : 0;
  const isPair = unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff;
  return isPair ? 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00) : REPLACEMENT_CHARACTER;
}

function addByte(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] ?? 0);
}

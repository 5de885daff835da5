import { createHash } from "node:crypto";

/**
 * Values that prove themselves: the version in decimal, a line feed, then the repeated SHA-256 of
 * entry and version, cut to `bytes`. Nobody has to keep a value to know what it should be.
 */
export function valueFor(entry: string, version: number, bytes: number): Buffer {
  const head = Buffer.from(`${version}\n`);
  const value = Buffer.alloc(bytes, createHash("sha256").update(`${version} ${entry}`).digest());
  // Without room for its head a value is digest alone, or two versions would look the same.
  if (bytes > head.length) head.copy(value);
  return value;
}

/** Whether somebody once put this value for this entry, whatever its version. */
export function provesItself(entry: string, value: Uint8Array): boolean {
  const version = /^([0-9]{1,15})\n/.exec(Buffer.from(value.subarray(0, 16)).toString("latin1"));
  if (version === null) return false;
  return valueFor(entry, Number(version[1]), value.byteLength).equals(value);
}

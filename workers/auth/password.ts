import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";

/**
 * One of the settings that OWASP holds for equally strong
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt): the
 * first of its list needs 128 MiB, which is all the memory that a Worker has; this one needs 16.
 */
const SCRYPT_N = 16_384;
const SCRYPT_R = 8;
const SCRYPT_P = 5;

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** 128 × N × r bytes is what scrypt works in (RFC 7914, section 2); twice that is a safe ceiling. */
const MEMORY_BYTES_MAX = 2 * 128 * SCRYPT_N * SCRYPT_R;

/** NIST SP 800-63B-4, section 3.1.1.2, asks for 15 where a password is the only factor. */
export const PASSWORD_LENGTH_MIN = 15;

/** Room for any passphrase, and a bound on what one request makes us hash. */
export const PASSWORD_LENGTH_MAX = 256;

/** 24 characters of base64url: 144 bits. */
const GENERATED_PASSWORD_BYTES = 18;

const ENCODED_PATTERN = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/;

/** `isOutdated`: the stored hash took less work than today's would; store a new one. */
export type PasswordAnswer = { kind: "right"; isOutdated: boolean } | { kind: "wrong" };

interface EncodedHash {
  n: number;
  r: number;
  p: number;
  salt: Buffer;
  hash: Buffer;
}

/**
 * `scrypt$N$r$p$salt$hash`, salt and hash in base64url, with a salt of its own. Throws when the
 * password is longer than `PASSWORD_LENGTH_MAX`: the boundary has to refuse it before.
 */
export async function hashPassword(password: string): Promise<string> {
  if (password.length > PASSWORD_LENGTH_MAX) throw new Error("The password is too long to hash.");
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { n: SCRYPT_N, r: SCRYPT_R, p: SCRYPT_P, salt });
  return ["scrypt", SCRYPT_N, SCRYPT_R, SCRYPT_P, base64url(salt), base64url(hash)].join("$");
}

/**
 * Whether `password` is the one that `encoded` was made from; compared in constant time.
 *
 * `encoded` is null for an address that nobody has, and for an operator who has no password. The
 * answer is then `wrong`, after the same work as for a wrong password, so that the time an answer
 * takes does not tell who has an account. A hash that cannot be read throws: it is a bug.
 */
export async function verifyPassword(
  password: string,
  encoded: string | null,
): Promise<PasswordAnswer> {
  if (encoded === null) {
    const salt = randomBytes(SALT_BYTES);
    await derive(bounded(password), { n: SCRYPT_N, r: SCRYPT_R, p: SCRYPT_P, salt });
    return { kind: "wrong" };
  }
  const known = decode(encoded);
  const hash = await derive(bounded(password), known);
  const isRight =
    hash.length === known.hash.length &&
    timingSafeEqual(hash, known.hash) &&
    password.length <= PASSWORD_LENGTH_MAX;
  if (!isRight) return { kind: "wrong" };
  const isOutdated = known.n * known.r * known.p < SCRYPT_N * SCRYPT_R * SCRYPT_P;
  return { kind: "right", isOutdated };
}

/** A password that nobody can guess, for the first admin. */
export function generatePassword(): string {
  return base64url(randomBytes(GENERATED_PASSWORD_BYTES));
}

function decode(encoded: string): EncodedHash {
  const [, n, r, p, salt, hash] = ENCODED_PATTERN.exec(encoded) ?? [];
  if (salt === undefined || hash === undefined) {
    throw new Error("A password hash in the database is not of the form scrypt$N$r$p$salt$hash.");
  }
  return {
    n: Number(n),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, "base64url"),
    hash: Buffer.from(hash, "base64url"),
  };
}

/**
 * The same password may reach us in several encodings of its letters; NFKC makes them one, as
 * NIST SP 800-63B-4, section 3.1.1.2, advises.
 */
function derive(password: string, { n, r, p, salt }: Omit<EncodedHash, "hash">): Promise<Buffer> {
  const options: ScryptOptions = { N: n, r, p, maxmem: MEMORY_BYTES_MAX };
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, hash) => {
    if (error === null) resolve(hash);
    else reject(error);
  });
  return promise;
}

function bounded(password: string): string {
  return password.slice(0, PASSWORD_LENGTH_MAX);
}

function base64url(bytes: Buffer): string {
  return bytes.toString("base64url");
}

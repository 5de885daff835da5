import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { z } from "zod";
import { homeFrom, localUrl } from "../dev/settings.ts";

/** What a script was asked to do; a refusal is a sentence for the person at the keyboard. */
export type Flags<T> =
  | { kind: "flags"; flags: T; positionals: string[] }
  | { kind: "help" }
  | { kind: "refused"; message: string };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where `npm run dev` answers, by the settings that it reads as well. */
export const DEFAULT_URL = localUrl(process.env);

/** `npm run dev` writes the newcomer's token here. */
export const TOKEN_FILE = relative(process.cwd(), join(homeFrom(ROOT, process.env), "token"));

/** @param options as `node:util` parseArgs takes them; `--help` is added. */
export function readFlags<S extends z.ZodObject>(
  args: string[],
  options: NonNullable<ParseArgsConfig["options"]>,
  schema: S,
): Flags<z.infer<S>> {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
  } catch (error) {
    // parseArgs adds advice on positionals after the first sentence; nobody means those.
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "refused", message: message.replace(/\. To specify.*$/s, ".") };
  }
  const { help, ...values } = parsed.values;
  if (help === true) return { kind: "help" };
  const checked = schema.safeParse(values);
  if (checked.success) {
    return { kind: "flags", flags: checked.data, positionals: parsed.positionals };
  }
  const message = checked.error.issues[0]?.message ?? "The flags cannot be read.";
  return { kind: "refused", message };
}

export function wholeNumber(flag: string, min: number, max: number) {
  const message = `--${flag} is a whole number from ${min} to ${max}.`;
  return z
    .string()
    .regex(/^[0-9]{1,15}$/, message)
    .transform(Number)
    .refine((number) => number >= min && number <= max, message);
}

export function decimal(flag: string, min: number, max: number) {
  const message = `--${flag} is a number from ${min} to ${max}.`;
  return z
    .string()
    .regex(/^[0-9]{1,9}(\.[0-9]{1,9})?$/, message)
    .transform(Number)
    .refine((number) => number >= min && number <= max, message);
}

export function httpUrl(flag: string) {
  const message = `--${flag} is an address such as ${DEFAULT_URL}.`;
  return z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""), message);
}

/**
 * The token by flag, else from the environment, else from the file that development writes.
 *
 * @param environment the value of CEPATEDGE_TOKEN
 */
export async function findToken(
  flag: string | undefined,
  environment: string | undefined,
  file = TOKEN_FILE,
): Promise<{ kind: "token"; token: string } | { kind: "refused"; message: string }> {
  const given = flag ?? environment ?? (await textOf(file));
  const token = given?.trim() ?? "";
  // Anything else cannot stand in a header.
  if (/^[\x21-\x7e]+$/.test(token)) return { kind: "token", token };
  const message =
    token === ""
      ? `A token is needed: --token, the variable CEPATEDGE_TOKEN, or the file ${file}, ` +
        "which `npm run dev` writes."
      : "The token has characters that a token cannot have.";
  return { kind: "refused", message };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

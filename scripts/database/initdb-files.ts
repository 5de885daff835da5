import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { z } from "zod";

const MODULES = join(import.meta.dirname, "../../node_modules");
const packageSchema = z.object({ version: z.string() });

/**
 * The files of an empty database, a compressed archive. To make them, as `initdb` does, takes PGlite
 * seconds of a processor, to unpack them a sixth of that: so they are made once for each version of
 * PGlite that is installed, and kept with the packages.
 */
export async function initdbFiles(): Promise<Blob> {
  const path = join(MODULES, ".cache/cepatedge", `initdb-${await installedVersion()}.tar.gz`);
  if (!existsSync(path)) await keep(await make(), path);
  // Read at once: a blob of the file itself is void when another process puts its own in place.
  return new Blob([await readFile(path)], { type: "application/x-gzip" });
}

async function make(): Promise<Blob> {
  const database = await PGlite.create();
  const files = await database.dumpDataDir("gzip");
  await database.close();
  return files;
}

/** Whole or not at all: several processes may be at it, and any of them may be killed. */
async function keep(files: Blob, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}-${crypto.randomUUID()}`;
  await writeFile(unfinished, new Uint8Array(await files.arrayBuffer()));
  await rename(unfinished, path);
}

async function installedVersion(): Promise<string> {
  const text = await readFile(join(MODULES, "@electric-sql/pglite/package.json"), "utf8");
  return packageSchema.parse(JSON.parse(text)).version;
}

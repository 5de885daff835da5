import { rmSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { processStart } from "./process-start.ts";
import { errorCode, StartProblem } from "./start-problem.ts";

export interface FolderLock {
  release(): Promise<void>;
}

/** Who holds a folder, as its lock file says it: `PID START`. */
interface Owner {
  pid: number;
  /** As `processStart` tells it; null: it could not be told then. */
  start: string | null;
}

/** What this process holds itself. */
const held = new Set<string>();

/**
 * PGlite does not keep a second process from writing the same folder, which would break it. A file
 * beside the folder names the process that has it open and when that began: one left by a dead
 * process does not count, also where its id has gone to another, as it does in a container. The
 * file goes with the process, however that ends short of being killed.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const lockFile = `${folder}.pid`;
  try {
    await mkdir(dirname(lockFile), { recursive: true });
    const owner = await ownerOf(lockFile);
    if (owner !== null && holds(owner, lockFile)) {
      throw new StartProblem(
        `Process ${owner.pid} has the database folder ${folder} open already. ` +
          "Stop it first, or set CEPATEDGE_STATE_DIR to another folder. " +
          `If it is no CepatEdge, delete ${lockFile}.`,
      );
    }
    await rm(lockFile, { force: true });
    const { pid } = process;
    await writeFile(lockFile, `${pid} ${processStart(pid) ?? ""}\n`, { flag: "wx" });
  } catch (error) {
    if (error instanceof StartProblem) throw error;
    throw new StartProblem(
      `The file ${lockFile} cannot be written (${errorCode(error) ?? "unknown error"}). ` +
        "Check the permissions of its folder, and that nothing else is starting at this moment.",
      { cause: error },
    );
  }
  held.add(lockFile);
  const releaseAtExit = () => rmSync(lockFile, { force: true });
  process.once("exit", releaseAtExit);
  return {
    async release() {
      process.removeListener("exit", releaseAtExit);
      held.delete(lockFile);
      await rm(lockFile, { force: true });
    },
  };
}

async function ownerOf(lockFile: string): Promise<Owner | null> {
  try {
    const [pidText = "", start] = (await readFile(lockFile, "utf8")).trim().split(" ");
    const pid = Number.parseInt(pidText, 10);
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, start: start ?? null } : null;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

function holds({ pid, start }: Owner, lockFile: string): boolean {
  // A file with this process's id that this process has not written is a namesake's.
  if (pid === process.pid) return held.has(lockFile);
  const startNow = processStart(pid);
  if (start !== null && startNow !== null) return start === startNow;
  return isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, and it is somebody else's.
    return errorCode(error) === "EPERM";
  }
}

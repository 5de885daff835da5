import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, StartProblem } from "./start-problem.ts";

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * PGlite does not keep a second process from writing the same folder, which would break it. A file
 * beside the folder names the process that has it open; one left by a dead process does not count.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const lockFile = `${folder}.pid`;
  try {
    await mkdir(dirname(lockFile), { recursive: true });
    const owner = await ownerOf(lockFile);
    if (owner !== null && isAlive(owner)) {
      throw new StartProblem(
        `Process ${owner} has the database folder ${folder} open already. ` +
          "Stop it first, or set CEPATEDGE_STATE_DIR to another folder.",
      );
    }
    await rm(lockFile, { force: true });
    await writeFile(lockFile, `${process.pid}\n`, { flag: "wx" });
  } catch (error) {
    if (error instanceof StartProblem) throw error;
    throw new StartProblem(
      `The file ${lockFile} cannot be written (${errorCode(error) ?? "unknown error"}). ` +
        "Check the permissions of its folder, and that nothing else is starting at this moment.",
      { cause: error },
    );
  }
  return { release: () => rm(lockFile, { force: true }) };
}

async function ownerOf(lockFile: string): Promise<number | null> {
  try {
    const pid = Number.parseInt(await readFile(lockFile, "utf8"), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
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

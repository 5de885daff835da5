import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** `ps` answers within milliseconds; one that hangs must not hold up a start. */
const PS_TIMEOUT_MS = 2_000;

/** Where `starttime` stands after the command's closing bracket (proc(5): field 22 of stat). */
const START_FIELD = 19;

/**
 * When a process began, as words that only that process has: an id is used again, the moment is
 * not. Null: there is no such process, or this system does not tell.
 */
export function processStart(pid: number): string | null {
  return startInProc(pid) ?? startByPs(pid);
}

/** Clock ticks since the machine began. */
function startInProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command may hold blanks and brackets of its own.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[START_FIELD] ?? null;
  } catch {
    return null;
  }
}

function startByPs(pid: number): string | null {
  try {
    const options = { encoding: "utf8", timeout: PS_TIMEOUT_MS, stdio: "pipe" } as const;
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], options);
    return text.trim().replaceAll(/\s+/g, "-") || null;
  } catch {
    return null;
  }
}

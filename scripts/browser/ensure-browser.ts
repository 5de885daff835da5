import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";
import { type BrowserFacts, nextBrowserStep } from "./browser-choice.ts";

/**
 * The shell comes first: it is Chromium without windows, as Playwright itself starts it, and takes a
 * third less of a processor for the same pages.
 */
const SYSTEM_NAMES = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
];
const START_TIMEOUT_MS = 30_000;
/** Without a network Playwright retries; a person should not wait longer than this for it. */
const DOWNLOAD_TIMEOUT_MS = 180_000;
const APT_TIMEOUT_MS = 300_000;
const APT_INSTALL = ["install", "--yes", "--no-install-recommends"];
/** Not every release has the first. */
const APT_PACKAGES = ["chromium-headless-shell", "chromium"];

/**
 * Finds a Chromium that starts, or installs one; answers its path.
 *
 * @param say takes one line for each step that takes long.
 * @throws an Error whose message is one sentence that says what to install.
 */
export function ensureBrowser(env: NodeJS.ProcessEnv, say: (line: string) => void): string {
  const tried: ("download" | "apt")[] = [];
  for (;;) {
    const step = nextBrowserStep(gatherFacts(env, tried));
    switch (step.kind) {
      case "use":
        return step.path;
      case "give-up":
        throw new Error(step.sentence);
      case "download":
        say("No Chromium here: downloading Playwright's own.");
        run("npx", ["playwright", "install", "chromium"], env, DOWNLOAD_TIMEOUT_MS, say);
        break;
      case "apt":
        say("The download did not help: installing the system's package.");
        run("apt-get", ["update"], env, APT_TIMEOUT_MS, say);
        APT_PACKAGES.some((name) =>
          run("apt-get", [...APT_INSTALL, name], env, APT_TIMEOUT_MS, say),
        );
        break;
      default:
        step satisfies never;
    }
    if (step.kind === "download" || step.kind === "apt") tried.push(step.kind);
  }
}

function gatherFacts(env: NodeJS.ProcessEnv, tried: BrowserFacts["tried"]): BrowserFacts {
  const configuredPath = env["CHROMIUM_PATH"] || null;
  const playwrightPath = chromium.executablePath();
  return {
    configuredPath,
    configuredPathWorks: configuredPath !== null && starts(configuredPath),
    systemPath:
      SYSTEM_NAMES.map((name) => findOnPath(name, env)).find(
        (path) => path !== null && starts(path),
      ) ?? null,
    playwrightPath: starts(playwrightPath) ? playwrightPath : null,
    isRoot: process.getuid?.() === 0,
    hasApt: findOnPath("apt-get", env) !== null,
    tried,
  };
}

/** The first executable file of that name on the PATH, or null. */
function findOnPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name);
    if (folder !== "" && isExecutable(path)) return path;
  }
  return null;
}

/** A file alone proves nothing: Ubuntu's `chromium-browser` is a stub that asks for a snap. */
function starts(path: string): boolean {
  if (!isExecutable(path)) return false;
  return spawnSync(path, ["--version"], { timeout: START_TIMEOUT_MS }).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether it did its work. A failure is told, not thrown: the next look at the machine decides what
 * comes next.
 */
function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
  say: (line: string) => void,
): boolean {
  const ended = spawnSync(command, args, {
    encoding: "utf8",
    timeout: timeoutMs,
    env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (ended.status === 0) return true;
  const error = /^(?:E: |Error: ).*$/m.exec(ended.stderr ?? "")?.[0] ?? "it took too long";
  say(`\`${command} ${args.join(" ")}\` failed: ${error}`);
  return false;
}

/** What is known about this machine when the next step towards a browser is chosen. */
export interface BrowserFacts {
  /** The value of CHROMIUM_PATH; null when it is not set. */
  configuredPath: string | null;
  configuredPathWorks: boolean;
  /** The first of the system's Chromiums that starts; null when there is none. */
  systemPath: string | null;
  /** Playwright's own Chromium, when it has been downloaded and starts; null otherwise. */
  playwrightPath: string | null;
  isRoot: boolean;
  /** Debian and Ubuntu: `apt-get` is on the PATH. */
  hasApt: boolean;
  /** What has been tried in this run. Nothing is tried twice. */
  tried: readonly ("download" | "apt")[];
}

export type BrowserStep =
  | { kind: "use"; path: string; source: "configured" | "system" | "playwright" }
  | { kind: "download" }
  | { kind: "apt" }
  | { kind: "give-up"; sentence: string };

/**
 * The next step towards a browser that starts. Preferred, in this order: what the person asked
 * for, what the machine has, what Playwright downloads, what the package manager installs.
 *
 * A CHROMIUM_PATH that does not start is an error of its own: quietly testing in another browser
 * than the one that was asked for would surprise.
 */
export function nextBrowserStep(facts: BrowserFacts): BrowserStep {
  if (facts.configuredPath !== null) {
    return facts.configuredPathWorks
      ? { kind: "use", path: facts.configuredPath, source: "configured" }
      : {
          kind: "give-up",
          sentence: `CHROMIUM_PATH is ${facts.configuredPath}, and that does not start: correct it, or unset it to let the tests find a browser.`,
        };
  }
  if (facts.systemPath !== null) return { kind: "use", path: facts.systemPath, source: "system" };
  if (facts.playwrightPath !== null) {
    return { kind: "use", path: facts.playwrightPath, source: "playwright" };
  }
  if (!facts.tried.includes("download")) return { kind: "download" };
  if (facts.isRoot && facts.hasApt && !facts.tried.includes("apt")) return { kind: "apt" };
  return {
    kind: "give-up",
    sentence:
      "The browser tests need Chromium: install it (on Debian `sudo apt-get install chromium-headless-shell`, elsewhere `npx playwright install --with-deps chromium`), or set CHROMIUM_PATH to one.",
  };
}

/**
 * Flags that keep the browser quiet and offline. As root Chromium refuses to start with its
 * sandbox (https://crbug.com/638180); a container's /dev/shm is often too small for it.
 */
export function browserFlags(isRoot: boolean): string[] {
  return [
    ...(isRoot ? ["--no-sandbox"] : []),
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
}

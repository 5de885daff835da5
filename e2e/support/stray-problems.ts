import type { ConsoleMessage, Page, Request, Response } from "@playwright/test";

/** How Playwright ends the loading of scripts in a browser that has them switched off. */
const SCRIPT_SWITCHED_OFF = "csp";

/** A navigation ends the requests of the page it leaves; that is no failure. */
const ABORTED = "net::ERR_ABORTED";
const CLIENT_ERROR_STATUS_MIN = 400;

/**
 * What goes wrong in a page without a test looking: errors in the console, uncaught exceptions,
 * requests of ours that fail. A test that provokes one says so with `expectStatus`.
 */
export class StrayProblems {
  readonly #origin: string;
  readonly #found: string[] = [];
  readonly #expected: { status: number; path: string }[] = [];

  readonly #scripted: boolean;

  constructor(origin: string, scripted: boolean) {
    this.#origin = origin;
    this.#scripted = scripted;
  }

  watch(page: Page): void {
    page.on("pageerror", (error) => {
      this.#found.push(`uncaught: ${error.message}`);
    });
    page.on("console", (message) => {
      this.#onConsole(message);
    });
    page.on("requestfailed", (request) => {
      this.#onFailed(request);
    });
    page.on("response", (response) => {
      this.#onResponse(response);
    });
  }

  /** From here on, answers with this status from this path are what the test is about. */
  expectStatus(status: number, path: string): void {
    this.#expected.push({ status, path });
  }

  found(): string[] {
    return this.#found;
  }

  #onConsole(message: ConsoleMessage): void {
    if (message.type() !== "error") return;
    // The browser repeats every answer of 400 and above here; `#onResponse` judges those.
    if (message.text().startsWith("Failed to load resource")) return;
    this.#found.push(`console: ${message.text()}`);
  }

  #onFailed(request: Request): void {
    const reason = request.failure()?.errorText ?? "";
    if (!request.url().startsWith(this.#origin) || reason === ABORTED) return;
    if (reason === SCRIPT_SWITCHED_OFF && !this.#scripted) return;
    this.#found.push(`failed: ${request.method()} ${request.url()} ${reason}`);
  }

  #onResponse(response: Response): void {
    const url = new URL(response.url());
    if (url.origin !== this.#origin || response.status() < CLIENT_ERROR_STATUS_MIN) return;
    const isExpected = this.#expected.some(
      ({ status, path }) =>
        status === response.status() && (url.pathname === path || url.pathname === `${path}.data`),
    );
    if (isExpected) return;
    this.#found.push(`${response.status()}: ${response.request().method()} ${url.pathname}`);
  }
}

/** Drives a headless Chromium: one page for each configuration, one question at a time. */

import { type Browser, chromium, type Page } from "playwright-core";
import type { Computed } from "../parity/evaluate.ts";
import type { Skip } from "../parity/kind.ts";
import type { Request } from "./compute.ts";
import type { Configuration } from "./configurations.ts";

const flags = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

/** The longest that one case may take, in seconds. */
const patience = 120;

/** Start a browser with an empty profile. Rejects when the program does not start. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: flags });
}

/** A page in which cases run. Once the page itself has failed, all that is asked of it fails with the same reason. */
export class Session {
  readonly #page: Page;
  readonly #place: Configuration["place"];
  /** Rejects with what broke the page. */
  readonly #broken: Promise<never>;
  #break!: (reason: Error) => void;

  private constructor(page: Page, place: Configuration["place"]) {
    this.#page = page;
    this.#place = place;
    this.#broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    this.#broken.catch(() => {});
    page.on("crash", () => this.#break(new Error("the page crashed")));
    page.on("pageerror", ({ message }) => this.#break(new Error(`the page failed: ${message}`)));
    page.on("console", (message) => {
      if (message.type() === "error") this.#break(new Error(`the page's console: ${message.text()}`));
    });
  }

  /** Open the page of a server. Rejects when its scripts do not load or it is not as isolated as it should be. */
  static async open(browser: Browser, url: string, { place, isolated }: Configuration): Promise<Session> {
    const session = new Session(await browser.newPage(), place);
    const page = session.#page;
    await page.goto(url);
    await session.#answer(page.waitForFunction(() => "computeIn" in globalThis));
    const found = await page.evaluate(() => crossOriginIsolated);
    if (found !== isolated) throw new Error(`crossOriginIsolated is ${found}, ${isolated} expected`);
    return session;
  }

  compute(request: Request): Promise<Computed | Skip> {
    const asked = { place: this.#place, request };
    return this.#answer(this.#page.evaluate(({ place, request }) => computeIn(place, request), asked));
  }

  /** What the page answers; a page that takes too long is broken. */
  async #answer<Result>(answer: Promise<Result>): Promise<Result> {
    const late = () => this.#break(new Error(`the page gave no answer for ${patience} s`));
    const timer = setTimeout(late, patience * 1000);
    try {
      return await Promise.race([this.#broken, answer]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The example of examples/browser/, built by Vite on the packed package and used as a reader would, as it is served. */

import { cpSync, symlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build, preview } from "vite";
import type { Outcome } from "../parity/run.ts";
import { installPackage } from "./package.ts";

const patience = 60_000;

/** Modes of the example's configuration, and what the page says of its threads. */
const modes: readonly { readonly mode: string; readonly threads: RegExp }[] = [
  availableParallelism() > 1
    ? {
        mode: "production",
        threads: /^Threads: ([2-8] \(as many as were asked for\)$|1 \(the workers are still starting)/,
      }
    : { mode: "production", threads: /^Threads: 1 \(no program asked for more/ },
  { mode: "plain", threads: /^Threads: 1 \(the page is not cross-origin isolated, .*\)$/ },
];

/** Build the example, serve it with and without the headers of isolation, and train in it. */
export async function runExample(
  browser: Browser,
  report: (label: string, outcome: Outcome) => void,
): Promise<void> {
  const installed = installPackage();
  try {
    const root = join(installed.root, "example");
    cpSync("examples/browser", root, { recursive: true });
    for (const name of ["vite", "typescript"]) {
      symlinkSync(join(process.cwd(), "node_modules", name), join(installed.root, "node_modules", name));
    }
    await build({ root, logLevel: "error" });
    for (const { mode, threads } of modes) {
      const outcome = await useExample(browser, root, mode, threads).catch(
        (error): Outcome => ({ result: "failed", detail: String(error).split("\n", 1)[0] as string }),
      );
      report(`example, ${mode === "plain" ? "without" : "with"} the headers of isolation`, outcome);
    }
  } finally {
    installed.remove();
  }
}

/** Trains as a reader does, again while the workers are still starting: a training takes a second, they may take longer. */
async function train(page: Page): Promise<{ said: string; loss: string; text: string }> {
  const until = performance.now() + patience;
  while (true) {
    await page.click("text=Train");
    await page.waitForFunction(() => {
      const isBusy = document.querySelector<HTMLButtonElement>("#training button")?.disabled;
      return !isBusy && document.querySelector("#text")?.textContent;
    });
    const found = await page.evaluate(() => ({
      said: document.querySelector("#threads")?.textContent ?? "",
      loss: document.querySelector("#loss")?.textContent ?? "",
      text: document.querySelector("#text")?.textContent ?? "",
    }));
    if (!/workers are still starting/.test(found.said) || performance.now() > until) return found;
  }
}

async function useExample(browser: Browser, root: string, mode: string, threads: RegExp): Promise<Outcome> {
  const server = await preview({ root, mode, logLevel: "error", preview: { port: 0, host: "127.0.0.1" } });
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", ({ message }) => problems.push(message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  try {
    page.setDefaultTimeout(patience);
    await page.goto(server.resolvedUrls?.local[0] as string);
    const { said, loss, text } = await train(page);
    if (problems.length > 0) return { result: "failed", detail: problems.join("; ") };
    const isRight =
      threads.test(said) && Number(/[\d.]+/.exec(loss)?.[0]) < 2 && /^Row, /.test(text) && text.length >= 200;
    return {
      result: isRight ? "passed" : "failed",
      detail: `${said}; ${loss}; ${JSON.stringify(text.slice(0, 40))}`,
    };
  } finally {
    await page.close();
    await server.close();
  }
}

/** A bundle of Rondo in a browser: in the page, in workers from files, blobs and data addresses, and under policies. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { serve } from "../browser/server.ts";
import type { Outcome } from "../parity/run.ts";
import { bundle, bundledProbe } from "./bundle.ts";
import { type LabFound, labProbe } from "./lab-probe.ts";
import { type Found, probe } from "./probe.ts";

/** The policy that docs/browser.md names. */
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:";

interface Place {
  readonly name: string;
  /** Where the bundle runs: in the page, or in a worker from such an address. */
  readonly from: "page" | "file" | "blob" | "module blob" | "data";
  readonly isolated: boolean;
  readonly policy?: string;
  readonly threads: number;
  /** What the report says, or the failure where Rondo must not run. */
  readonly says: string;
}

const all = "as many as were asked for";
const notIsolated = "the page is not cross-origin isolated";
const places: readonly Place[] = [
  { name: "a script in a page", from: "page", isolated: false, threads: 1, says: notIsolated },
  {
    name: "a script in an isolated page",
    from: "page",
    isolated: true,
    threads: 1,
    says: "a page's own thread may not wait",
  },
  { name: "a worker from a blob", from: "blob", isolated: false, threads: 1, says: notIsolated },
  { name: "a worker from a blob of an isolated page", from: "blob", isolated: true, threads: 2, says: all },
  { name: "a module in a worker from a blob", from: "module blob", isolated: true, threads: 2, says: all },
  { name: "a worker from a data: address", from: "data", isolated: false, threads: 1, says: notIsolated },
  { name: "a worker under the policy", from: "file", isolated: true, policy, threads: 2, says: all },
  {
    name: "a worker from a blob under the policy",
    from: "blob",
    isolated: true,
    policy,
    threads: 2,
    says: all,
  },
  {
    name: "a worker under a policy without blob:",
    from: "file",
    isolated: true,
    policy: policy.replace(" blob:", ""),
    threads: 1,
    says: "workers do not run here: ",
  },
  {
    name: "a worker under a policy without 'wasm-unsafe-eval'",
    from: "file",
    isolated: true,
    policy: policy.replace(" 'wasm-unsafe-eval'", ""),
    threads: 0,
    says: "UsageError: WebAssembly may not be compiled here: a Content-Security-Policy allows it by 'wasm-unsafe-eval' in script-src",
  },
];

declare const bundled: { probe(): Promise<Found> };
type Answer = Found | { readonly failure: string };

/** Run the bundle in all places; tells how each went. */
export async function runBundles(
  browser: Browser,
  report: (label: string, outcome: Outcome) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rondo-bundles-"));
  try {
    writeFileSync(
      join(folder, "page.html"),
      "<!doctype html><title>A bundle</title><script src=/probe.js></script>",
    );
    writeFileSync(
      join(folder, "probe.js"),
      await bundledProbe({ format: "iife", globalName: "bundled", minify: true }),
    );
    const entry = (probe: string) => `import { ${probe} } from "./test/platform/probe.ts";
      ${probe}().then((found) => postMessage(found), (error) => postMessage({ failure: String(error) }));`;
    const write = async (file: string, probe: string, format: "iife" | "esm") =>
      writeFileSync(join(folder, file), await bundle(entry(probe), { format, minify: true }));
    await write("worker.js", "probe", "iife");
    await write("module.js", "probe", "esm");
    // Chromium takes data: addresses up to 2 MB.
    await write("small.js", "probeWithoutPicture", "iife");
    const inNode = await probe();
    for (const place of places) {
      const outcome = await runIn(browser, folder, place)
        .then((answer) => judge(answer, place, inNode))
        .catch((error): Outcome => ({ result: "failed", detail: String(error) }));
      report(`bundle: ${place.name}`, outcome);
    }
    await runLab(browser, folder, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An experiment of the lab in a page and in a worker, where there is no document to draw in. */
async function runLab(
  browser: Browser,
  folder: string,
  report: (label: string, outcome: Outcome) => void,
): Promise<void> {
  const source = 'export { labProbe } from "./test/platform/lab-probe.ts";';
  const script = await bundle(source, { format: "iife", globalName: "lab", minify: true });
  writeFileSync(join(folder, "lab.js"), script);
  writeFileSync(
    join(folder, "lab.html"),
    "<!doctype html><title>The lab</title><script src=/lab.js></script>",
  );
  const message = "lab.labProbe().then((found) => postMessage(found))";
  writeFileSync(join(folder, "lab-worker.js"), `importScripts("/lab.js"); ${message};`);
  const { measured } = await labProbe();
  const server = await serve({ folders: { "/": `${folder}/` }, isolated: false });
  const page = await browser.newPage();
  try {
    await page.goto(`${server.origin}/lab.html`);
    for (const place of ["a page", "a worker"]) {
      const found = await page.evaluate(runLabInPage, place);
      const isSame = JSON.stringify(found.measured) === JSON.stringify(measured);
      const isDrawn = /^<svg [\s\S]*<\/svg>\s*$/.test(found.picture);
      report(`bundle: an experiment of the lab in ${place}`, {
        result: isSame && isDrawn ? "passed" : "failed",
        detail: `${isSame ? "the bits of Node" : "other bits than in Node"}, ${isDrawn ? "drawn" : "no picture"}`,
      });
    }
  } finally {
    await page.close();
    server.close();
  }
}

declare const lab: { labProbe(): Promise<LabFound> };

/** The page's side. */
async function runLabInPage(place: string): Promise<LabFound> {
  if (place === "a page") return lab.labProbe();
  const worker = new Worker("/lab-worker.js");
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

async function runIn(browser: Browser, folder: string, { from, isolated, policy }: Place): Promise<Answer> {
  const server = await serve({ folders: { "/": `${folder}/` }, isolated, policy });
  const page = await browser.newPage();
  try {
    await page.goto(`${server.origin}/page.html`);
    return await page.evaluate(runInPage, from);
  } finally {
    await page.close();
    server.close();
  }
}

/** The page's side. */
async function runInPage(from: Place["from"]): Promise<Answer> {
  if (from === "page") return bundled.probe();
  const isModule = from === "module blob";
  let address = isModule ? "/module.js" : from === "data" ? "/small.js" : "/worker.js";
  if (from !== "file") {
    const text = await (await fetch(address)).text();
    const blob = new Blob([text], { type: "text/javascript" });
    address =
      from === "data" ? `data:text/javascript,${encodeURIComponent(text)}` : URL.createObjectURL(blob);
  }
  const worker = new Worker(address, { type: isModule ? "module" : "classic" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ failure: `the worker failed: ${message}` });
  });
}

function judge(answer: Answer, { threads, says }: Place, inNode: Found): Outcome {
  if ("failure" in answer) {
    const isExpected = threads === 0 && answer.failure.startsWith(says);
    return { result: isExpected ? "passed" : "failed", detail: answer.failure };
  }
  const same = (["losses", "text", "product", "picture"] as const).every(
    (name) => !(name in answer) || JSON.stringify(answer[name]) === JSON.stringify(inNode[name]),
  );
  if (!same) return { result: "failed", detail: "other bits than in Node" };
  const isRight = answer.threads === threads && answer.reason.startsWith(says);
  return {
    result: isRight ? "passed" : "failed",
    detail: `the bits of Node, threads ${answer.threads}: ${answer.reason}`,
  };
}

/** The page's side of the test: computes a case in the page itself, or in a web worker. */

import type { Computed } from "../parity/evaluate.ts";
import type { Skip } from "../parity/kind.ts";
import { compute, type Request } from "./compute.ts";
import type { Configuration } from "./configurations.ts";
import { fetchBytes } from "./fetch.ts";
import type { Answer } from "./worker.ts";

declare global {
  var computeIn: (place: Configuration["place"], request: Request) => Promise<Computed | Skip>;
}

let worker: Worker | undefined;

function computeInWorker(request: Request): Promise<Computed | Skip> {
  const running = worker ?? new Worker("/test/browser/worker.js", { type: "module" });
  worker = running;
  return new Promise((resolve, reject) => {
    running.onmessage = ({ data }: MessageEvent<Answer>) =>
      "failure" in data ? reject(new Error(data.failure)) : resolve(data);
    running.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
    running.postMessage(request);
  });
}

globalThis.computeIn = (place, request) =>
  place === "page" ? compute(request, fetchBytes) : computeInWorker(request);

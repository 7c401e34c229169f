/** What the platform has for programs of several threads: workers, memory to share, a thread that may wait. */

import { workerSource } from "./worker.ts";

/** Anything that messages can be posted to. */
export interface Worker {
  postMessage(message: unknown): void;
}

interface NodeWorker extends Worker {
  unref(): void;
  on(event: "error", listener: (error: Error) => void): void;
}

interface WebWorker extends Worker {
  onerror: ((event: { readonly message?: string }) => void) | null;
}

interface Platform {
  readonly process?: {
    getBuiltinModule?(name: string): unknown;
    once?(event: "exit", listener: () => void): void;
  };
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (url: string) => WebWorker;
}

const platform = globalThis as unknown as Platform;

/** Node's worker threads, where this is Node. */
function nodeWorkers() {
  return platform.process?.getBuiltinModule?.("node:worker_threads") as
    | { readonly Worker: new (source: string, options: { eval: boolean }) => NodeWorker }
    | undefined;
}

/** Why programs cannot have several threads here, in plain words; undefined where they can. */
export function threadObstacle(): string | undefined {
  if (platform.crossOriginIsolated === false) {
    return "the page is not cross-origin isolated, so no memory can be shared: it needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  }
  if (typeof SharedArrayBuffer === "undefined")
    return "there is no SharedArrayBuffer here to share memory by";
  if (!mayWait()) return "a page's own thread may not wait for others: call Rondo in a worker";
  if (!nodeWorkers() && !platform.Worker) return "there are no workers here";
  return undefined;
}

/** Whether this thread may wait for others; asked by a wait that is over at once. */
function mayWait(): boolean {
  try {
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0) === "not-equal";
  } catch {
    return false;
  }
}

/** Calls `listener` before this process, or this thread of it, ends by itself; where this is no Node, nothing needs to know. */
export function atEnd(listener: () => void): void {
  if (nodeWorkers()) platform.process?.once?.("exit", listener);
}

/** Processors that this machine says it has. */
export function processors(): number {
  return platform.navigator?.hardwareConcurrency ?? (nodeProcessors() || 1);
}

function nodeProcessors(): number {
  const os = platform.process?.getBuiltinModule?.("node:os") as
    | { availableParallelism(): number }
    | undefined;
  return os?.availableParallelism() ?? 1;
}

/**
 * Start a worker that never keeps a process alive. Where the platform forbids it, at once or later, or the worker breaks,
 * `onFailure` is told why, and what is posted to it is lost.
 */
export function startWorker(onFailure: (reason: string) => void): Worker {
  const tell = (reason: string) => onFailure(reason.replace(/\s+/g, " "));
  const reasons: string[] = [];
  // Electron has both kinds, and in its pages only one of them starts.
  for (const start of [startNodeWorker, startWebWorker]) {
    try {
      const worker = start(tell);
      if (worker) return worker;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  tell(reasons.join("; "));
  return { postMessage() {} };
}

function startNodeWorker(onFailure: (reason: string) => void): Worker | undefined {
  const node = nodeWorkers();
  if (!node) return undefined;
  const worker = new node.Worker(workerSource, { eval: true });
  worker.on("error", ({ message }) => onFailure(message));
  worker.unref();
  return worker;
}

function startWebWorker(onFailure: (reason: string) => void): Worker | undefined {
  if (!platform.Worker) return undefined;
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  const worker = new platform.Worker(url);
  // An event without a message is all that a page is told when its policy forbids the worker.
  worker.onerror = ({ message }) =>
    onFailure(message || "a Content-Security-Policy without worker-src blob: forbids them");
  return worker;
}

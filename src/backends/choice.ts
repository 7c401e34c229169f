/** Backends by name, and which one runs programs unless told otherwise. */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { type ExecutionOptions, settleExecution } from "./execution-options.ts";
import { reference } from "./reference/index.ts";
import { wasmBackend } from "./wasm/index.ts";

export const backendNames = ["auto", "native", "wasm", "reference"] as const;
/**
 * "native" is machine code, "wasm" WebAssembly, "reference" a slow interpreter in float64. "auto" is machine code where it can run, else
 * WebAssembly; the environment variable RONDO_BACKEND, with one of these names, says otherwise.
 */
export type BackendName = (typeof backendNames)[number];
export type BackendChoice = Backend | BackendName;

/** Machine code, where a platform has it. */
export interface NativeOffer {
  backend(options: ExecutionOptions): Backend;
  /** Why it cannot run in so many threads; undefined where it can. */
  obstacle(threads: number): string | undefined;
  /** What it is, for a report. */
  describe(): string;
}

let native: NativeOffer | undefined;

/** From now on there is machine code: the package's entry for Node calls this. */
export function offerNative(offer: NativeOffer): void {
  native = offer;
}

/** Which backend "auto" is. */
export interface BackendReport {
  readonly name: Exclude<BackendName, "auto">;
  /** Why, in plain words. */
  readonly reason: string;
}

const variable = "RONDO_BACKEND";

/** Which backend runs programs that name none, and why: to print, or to show on a page. Throws UsageError where RONDO_BACKEND is no name. */
export function backendReport(options: Pick<ExecutionOptions, "threads"> = {}): BackendReport {
  checkOptions("backendReport", options, { threads: true });
  return settled(options.threads);
}

function settled(threads?: number): BackendReport {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Record<string, string | undefined> };
  };
  const asked = process?.env?.[variable];
  if (asked !== undefined && asked !== "" && asked !== "auto") {
    if (isName(asked)) {
      const obstacle = asked === "native" ? nativeObstacle(threads) : undefined;
      const but = obstacle === undefined ? "" : `, and it cannot run: ${obstacle}`;
      return { name: asked, reason: `${variable} asks for it${but}` };
    }
    throw new UsageError(`${variable}: ${printGiven(asked)} given, ${expectedNames} expected`);
  }
  const obstacle = nativeObstacle(threads);
  if (obstacle !== undefined) return { name: "wasm", reason: `no machine code: ${obstacle}` };
  return { name: "native", reason: native?.describe() ?? "" };
}

/** The backend of a choice, and of options where it is a name. Throws UsageError for what is none, and for "native" where it cannot run. */
export function backendOf(
  where: string,
  choice: BackendChoice = "auto",
  options: ExecutionOptions = {},
): Backend {
  if (typeof (choice as Partial<Backend> | null)?.compile === "function") return choice as Backend;
  if (choice !== "auto" && !isName(choice)) {
    throw new UsageError(
      `${where}: backend ${printGiven(choice)} given, ${expectedNames}, or what wasmBackend or nativeBackend gives, expected`,
    );
  }
  const name = choice === "auto" ? settled(options.threads).name : choice;
  if (name === "reference") return reference;
  if (name === "wasm") return wasmBackend(options);
  const obstacle = nativeObstacle(options.threads);
  if (obstacle !== undefined || !native) {
    const asked = choice === "auto" ? `${variable}: native` : `${where}: backend native`;
    throw new UsageError(`${asked}: ${obstacle}`);
  }
  return native.backend(options);
}

/** The backend that "auto" is, with options, such as `{ threads: 2 }`. Throws UsageError for options that are out of range. */
export function autoBackend(options: ExecutionOptions = {}): Backend {
  settleExecution("autoBackend", options, { minimumWork: 0 });
  return backendOf("autoBackend", "auto", options);
}

function nativeObstacle(threads = 1): string | undefined {
  return native ? native.obstacle(threads) : "this is not Rondo's entry for Node";
}

const expectedNames = backendNames.join(", ");
const isName = (name: unknown): name is Exclude<BackendName, "auto"> =>
  name !== "auto" && (backendNames as readonly unknown[]).includes(name);

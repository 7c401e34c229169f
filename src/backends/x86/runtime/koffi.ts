/** koffi, the package by which Node calls machine code: it is optional, and looked for only when it is needed. */

import { UsageError } from "../../../errors.ts";
import { system } from "./system.ts";

/** A function outside of JavaScript. */
export type NativeFunction = (
  ...parameters: readonly (number | bigint | Uint8Array | Int32Array)[]
) => unknown;

export interface Library {
  func(definition: string): NativeFunction;
}

/** What is used of the package. */
export interface Koffi {
  load(library: string | null): Library;
  proto(result: string, parameters: readonly string[]): unknown;
  decode(address: bigint, prototype: unknown): NativeFunction;
  address(array: Uint8Array): bigint;
}

export interface LoadedKoffi {
  readonly koffi: Koffi;
  /** Its file, by which another thread finds it too. */
  readonly file: string;
  /** The system's functions. */
  readonly library: Library;
}

interface Require {
  (name: string): unknown;
  resolve(name: string): string;
}

interface NodeProcess {
  getBuiltinModule?(name: "node:module"): { createRequire(file: string): Require } | undefined;
  getBuiltinModule?(name: "node:fs"): { realpathSync(file: string): string } | undefined;
  readonly argv: readonly string[];
  cwd(): string;
}

let found: LoadedKoffi | string | undefined;

/** The package. Throws UsageError where it is not. */
export function loadKoffi(): LoadedKoffi {
  found ??= find();
  if (typeof found === "string") throw new UsageError(found);
  return found;
}

/** Why the package is not there, in plain words; undefined where it is. */
export function koffiObstacle(): string | undefined {
  found ??= find();
  return typeof found === "string" ? found : undefined;
}

function find(): LoadedKoffi | string {
  const { process } = globalThis as unknown as { readonly process?: NodeProcess };
  const module = process?.getBuiltinModule?.("node:module");
  if (!process || !module) return "this is not Node, which alone can call machine code";
  for (const place of places(process)) {
    let file: string;
    let requireFrom: Require;
    try {
      requireFrom = module.createRequire(place);
      file = requireFrom.resolve("koffi");
    } catch {
      continue;
    }
    try {
      const koffi = requireFrom(file) as Koffi;
      // Also where nobody needs the library: koffi has no stack for calls before it has loaded one.
      return { koffi, file, library: koffi.load(system()?.library ?? null) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return `the package koffi does not load: ${message.replace(/\s+/g, " ")}`;
    }
  }
  return "the package koffi is not installed, by which Node calls machine code: npm install koffi";
}

/**
 * Files from whose folders upwards the package may be found. The first is this one, or the bundle that it is part of, as the
 * stack tells: `import.meta` would be an error where modules are turned into scripts. Then the main script, and the folder
 * that the process was started in.
 */
function* places(process: NodeProcess): Generator<string> {
  const own = /^\s*at (?:.*? \()?((?:file:|\/|\w:\\).*):\d+:\d+\)?$/m.exec(String(new Error().stack))?.[1];
  if (own !== undefined) yield own;
  const main = process.argv[1];
  if (main) yield realPath(process, main);
  yield `${process.cwd()}/main.js`;
}

/** Where a link leads, as that of a command does. */
function realPath(process: NodeProcess, file: string): string {
  try {
    return process.getBuiltinModule?.("node:fs")?.realpathSync(file) ?? file;
  } catch {
    return file;
  }
}

/** A module of functions as the bytes of WebAssembly. Its memory is imported as `environment.memory`. */

import type { ModuleBuilder } from "../../instructions/functions.ts";
import type { MemoryLimits } from "../../runtime/machine.ts";
import { unsigned } from "./bytes.ts";
import { printFunction, typeByte } from "./print.ts";

export function printModule(
  { functions }: ModuleBuilder,
  memory: MemoryLimits = { initial: 0 },
): Uint8Array<ArrayBuffer> {
  const name = (text: string) => {
    const bytes = [...new TextEncoder().encode(text)];
    return [...unsigned(bytes.length), ...bytes];
  };
  const types: string[] = [];
  const typeIndex = functions.map(({ reference }) => {
    const results = reference.result === undefined ? [] : [typeByte[reference.result]];
    const bytes = [
      0x60,
      ...unsigned(reference.parameters.length),
      ...reference.parameters.map((type) => typeByte[type]),
      ...unsigned(results.length),
      ...results,
    ].join(",");
    const known = types.indexOf(bytes);
    return known >= 0 ? known : types.push(bytes) - 1;
  });
  const limits =
    memory.maximum === undefined
      ? [0, ...unsigned(memory.initial)]
      : [memory.shared ? 3 : 1, ...unsigned(memory.initial), ...unsigned(memory.maximum)];
  const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
  const codes = functions.map(printFunction);
  const exports = functions
    .filter(({ exported }) => exported)
    .map(({ reference }) => [...name(reference.name), 0, ...unsigned(reference.index)]);
  const sections: [number, number[]][] = [
    [1, vector(types.map((type) => type.split(",").map(Number)))],
    [2, vector([[...name("environment"), ...name("memory"), 2, ...limits]])],
    [3, vector(typeIndex.map(unsigned))],
    [7, vector(exports)],
  ];
  const head = sections.flatMap(([id, bytes]) => [id, ...unsigned(bytes.length), ...bytes]);
  const codeSize = codes.map((code) => unsigned(code.length));
  const count = unsigned(codes.length);
  const length = codes.reduce(
    (sum, code, index) => sum + code.length + (codeSize[index]?.length ?? 0),
    count.length,
  );
  const start = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...head, 10, ...unsigned(length), ...count];
  // Names, so that profiles and stack traces tell which kernel they are about.
  const names = vector(
    functions.map(({ reference }) => [...unsigned(reference.index), ...name(reference.name)]),
  );
  const section = [...name("name"), 1, ...unsigned(names.length), ...names];
  const tail = [0, ...unsigned(section.length), ...section];
  const bytes = new Uint8Array(start.length + length - count.length + tail.length);
  bytes.set(start);
  bytes.set(tail, bytes.length - tail.length);
  let at = start.length;
  codes.forEach((code, index) => {
    const size = codeSize[index] ?? [];
    bytes.set(size, at);
    bytes.set(code, at + size.length);
    at += size.length + code.length;
  });
  return bytes;
}

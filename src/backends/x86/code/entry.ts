/** How a function of ours is called from outside, by the conventions of an operating system. */

import type { FunctionReference } from "../../instructions/expressions.ts";
import type { Assembler, Label } from "../assembler/assembler.ts";
import { argumentOffsets } from "./arguments.ts";
import { memoryBase } from "./emission.ts";

/** "sysv" is that of Linux and macOS. */
export type Abi = "sysv" | "windows";

const rsp = 4;
const rax = 0;

/** Where the arguments arrive, of which the first is the address of our memory; and what the caller wants to find again. */
const conventions = {
  sysv: { given: [7, 6, 2, 1], kept: [3, 5, 12, 13, 14, 15], keptVectors: [] },
  windows: {
    given: [1, 2, 8, 9],
    kept: [3, 5, 6, 7, 12, 13, 14, 15],
    keptVectors: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  },
} as const;

const alignment = 64;

/** (address of the memory, up to three i32) -> nothing. */
export function emitEntry(
  assembler: Assembler,
  { name, parameters, result }: FunctionReference,
  label: Label,
  abi: Abi,
): void {
  const { given, kept, keptVectors } = conventions[abi];
  const passed = given.slice(1);
  if (result !== undefined || parameters.length > passed.length || parameters.some((type) => type !== "i32"))
    throw new Error(
      `${name}: (${parameters.join(", ")}) -> ${result ?? "nothing"} given, an exported function takes up to ${passed.length} i32 and gives nothing`,
    );
  const { offsets, bytes } = argumentOffsets(parameters);
  // Behind the arguments: where the caller's frame is, as no register is kept, and its vectors.
  const vectorsFrom = Math.ceil((bytes + 8) / 16) * 16;
  const frame = Math.ceil((vectorsFrom + 16 * keptVectors.length) / alignment) * alignment;
  for (const register of kept) assembler.push(register);
  assembler.move(rax, rsp, 8);
  assembler.arithmetic("and", rsp, { immediate: -alignment }, 8);
  assembler.arithmetic("sub", rsp, { immediate: frame }, 8);
  assembler.move({ base: rsp, displacement: bytes }, rax, 8);
  keptVectors.forEach((register, index) => {
    assembler.vector("vmovups", 128, [{ base: rsp, displacement: vectorsFrom + 16 * index }, register]);
  });
  assembler.move(memoryBase, given[0], 8);
  offsets.forEach((offset, index) => {
    assembler.move({ base: rsp, displacement: offset }, passed[index] as number);
  });
  assembler.callLabel(label);
  keptVectors.forEach((register, index) => {
    assembler.vector("vmovups", 128, [register, { base: rsp, displacement: vectorsFrom + 16 * index }]);
  });
  assembler.vzeroupper();
  assembler.move(rsp, { base: rsp, displacement: bytes }, 8);
  for (const register of kept.toReversed()) assembler.pop(register);
  assembler.ret();
}

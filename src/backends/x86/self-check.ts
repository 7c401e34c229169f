/** Whether machine code computes here what it should: a product, and a loop with exp, against numbers that are known. */

import { f32xN, i32, type Local, vectors } from "../instructions/expressions.ts";
import { ModuleBuilder } from "../instructions/functions.ts";
import { increase } from "../instructions/integers.ts";
import { inlineMath } from "../kernels/math.ts";
import { defineMicrokernel } from "../products/microkernel.ts";
import type { InstructionSet } from "./assembler/assembler.ts";
import { nativeMachine } from "./machine.ts";
import { nativeTarget } from "./target.ts";

const [rows, K] = [2, 5];
/** Where operands stand, in bytes. */
const [left, right, product, exponents, powers] = [256, 512, 8192, 12288, 16384];

/** Why machine code is not to be trusted here, in plain words; undefined where it is right. */
export function selfCheck(set: InstructionSet): string | undefined {
  const machine = nativeMachine(set);
  const target = nativeTarget(set);
  const { panelColumns: columns } = target.product;
  const module = new ModuleBuilder(machine.instructions(target));
  const multiply = defineMicrokernel(module, target, { rows, panels: 1 });
  module.function("setUp", ["i32", "i32"], undefined, () => {}, { exported: true });
  module.function(
    "run",
    ["i32", "i32"],
    undefined,
    (f) => {
      const operands = [left, 4 * K, right, 0, product, 4 * columns, 1, K, 0];
      f.call(multiply, ...operands.map((operand) => i32.const(operand)));
      const at = f.local("i32", i32.const(0)) as Local<"i32">;
      f.doWhile(i32.lt_s(at, i32.const(4 * columns)), () => {
        const x = vectors.load(at, exponents);
        f.emit(vectors.store(at, f32xN.mul(inlineMath.exp(f, x), f32xN.const(2)), powers));
        increase(f, at, 4 * f.lanes);
      });
    },
    { exported: true },
  );
  const limits = { initial: 1, maximum: 1, shared: true };
  const memory = new WebAssembly.Memory(limits);
  const numbers = new Float32Array(memory.buffer);
  // Small whole numbers, so that every order and rounding gives the same.
  const a = (row: number, k: number) => row + 2 * k - 3;
  const b = (k: number, column: number) => ((k * columns + column) % 7) - 3;
  for (let k = 0; k < K; k++) {
    for (let row = 0; row < rows; row++) numbers[left / 4 + row * K + k] = a(row, k);
    for (let column = 0; column < columns; column++) numbers[right / 4 + k * columns + column] = b(k, column);
  }
  for (let column = 0; column < columns; column++) numbers[exponents / 4 + column] = column - columns / 2;
  machine.compile(module, limits).attach(memory).run(0, 1);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a(row, k) * b(k, column);
      if (numbers[product / 4 + row * columns + column] !== sum)
        return "a product of its machine code is wrong";
    }
    const expected = 2 * Math.exp(column - columns / 2);
    if (!(Math.abs((numbers[powers / 4 + column] as number) / expected - 1) < 1e-6)) {
      return "an exponential of its machine code is wrong";
    }
  }
  return undefined;
}

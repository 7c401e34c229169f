import { expect, test } from "vitest";
import { call, vectors } from "../../src/backends/instructions/expressions.ts";
import { defineRandom } from "../../src/backends/kernels/random.ts";
import { uniform } from "../../src/graph/threefry.ts";
import { instantiate } from "./instantiate.ts";

test("the lanes are the numbers of the reference, bit for bit, each of its own key and counter", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernels = instantiate(memory, (module) => {
    const random = defineRandom(module);
    const store = module.function("store", ["i32"], undefined, (builder, at) => {
      const value = call<"vector">(random, vectors.load(at), vectors.load(at, 16), vectors.load(at, 32));
      builder.emit(vectors.store(at, value, 48));
    });
    return [store];
  });
  const words = new Uint32Array(memory.buffer, 0, 12);
  const lanes = new Float32Array(memory.buffer, 48, 4);
  const edges = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff];
  for (let round = 0; round < 5000; round++) {
    for (let index = 0; index < 12; index++) {
      words[index] =
        round < 100
          ? (edges[(round * 7 + index * index) % 5] as number)
          : Math.floor(uniform(5, 6, 12 * round + index) * 2 ** 24) * 257;
    }
    kernels.store?.(0);
    const word = (index: number) => words[index] as number;
    expect([...lanes]).toEqual(
      [0, 1, 2, 3].map((lane) => uniform(word(lane), word(4 + lane), word(8 + lane))),
    );
  }
});

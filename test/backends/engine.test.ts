import { expect, test } from "vitest";
import { fusedAvailable } from "../../src/backends/wasm/engine.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { compile, float32, tanh, value } from "../../src/index.ts";
import { enableFusedMultiplyAdd } from "../../src/node/index.ts";

test("Node multiplies and adds at once when asked to", () => {
  expect(enableFusedMultiplyAdd()).toBe(true);
  expect(fusedAvailable()).toBe(true);
});

/** (1 + e)(1 + e) - (1 + 2 e) = e^2 by one rounding; by two, the product is 1 + 2 e and nothing is left. */
test("a product that is summed is rounded once with `fused`, twice without", () => {
  const e = 2 ** -13;
  const left = value(Float32Array.of(-1, 1 + e), [1, 2]);
  const right = value(Float32Array.of(1 + 2 * e, 1 + e), [2, 1]);
  const product = (fused: boolean) =>
    compile(({ a, b }) => a.dot(b), {
      inputs: { a: float32(1, 2), b: float32(2, 1) },
      backend: wasmBackend({ fused }),
    })({ a: left, b: right }).data;
  expect([...product(true)]).toEqual([e * e]);
  expect([...product(false)]).toEqual([0]);
});

test("elementwise functions follow", () => {
  const x = value(
    Float32Array.from({ length: 1000 }, (_, index) => index / 100 - 5),
    [1000],
  );
  const values = (fused: boolean) =>
    compile((x) => tanh(x), { inputs: float32(1000), backend: wasmBackend({ fused }) })(x).data;
  const [once, twice] = [values(true), values(false)];
  expect(once).not.toEqual(twice);
  once.forEach((y, index) => {
    expect(Math.abs(y - (twice[index] as number))).toBeLessThan(3e-7);
  });
});

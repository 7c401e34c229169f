// Inputs and states are known by their names: those of a program, no others, and no two alike.
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { stream } from "../../src/program/stream.ts";
import { Variable } from "../../src/trace/variable.ts";
import { adam } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

const type = float32("T");

describe("inputs that a program does not have", () => {
  const sum = compile(({ x, more }) => x.add(more.second), { inputs: { x: type, more: { second: type } } });
  const call = (values: object) => () => sum(values as never);
  test.each([
    [{ x: [1], more: { second: [2] }, z: [3] }, "input z is unknown: x, more expected"],
    [{ x: [1], more: { second: [2], third: [3] } }, "input more.third is unknown: second expected"],
    [{ x: [1], more: { secnd: [2] } }, "input more.secnd is unknown: did you mean second?"],
    [{ x: [1], mor: { second: [2] } }, "input mor is unknown: did you mean more?"],
    [{ x: [1], more: {} }, "input more.second is missing"],
    [{ more: { second: [2] } }, "input x is missing"],
    [[[1], [2]], "input 0 is unknown: x, more expected"],
  ])("%j", (values, message) => {
    expect(call(values)).toThrow(new DataError(message));
  });
  test("what is undefined is not there", () => {
    expect(call({ x: [1], more: { second: [2] }, z: undefined })()).toEqual({
      data: Float32Array.of(3),
      shape: [1],
    });
  });
  test("of a training step", () => {
    const w = new Variable("w", [1]);
    w.value = [1];
    const step = trainingStep({
      parameters: [w],
      optimizer: adam(),
      inputs: { x: type, y: type },
      loss: ({ x, y }) => ({ loss: x.mul(w).sub(y).sum(), outputs: {} }),
    });
    expect(() => step.run({ x: [1], y: [1], z: [1] } as never, 0.1)).toThrow(/ z is unknown|\.z is unknown/);
    expect(w.value[0]).toBe(1);
  });
});

describe("a stream", () => {
  const live = stream(({ x }, state) => [{ h: state.h.add(x) }, x], {
    inputs: { x: float32(1) },
    state: { h: [1] },
  });
  test("refuses an input that it does not have, and keeps its state", () => {
    expect(() => live.next({ x: [1], extra: 2 } as never)).toThrow(
      new DataError("stream: input extra is unknown: x expected"),
    );
    expect(live.save().h.data[0]).toBe(0);
  });
  test("refuses a state with parts that it does not have", () => {
    const { h } = live.save();
    expect(() => live.restore({ h, c: h } as never)).toThrow(
      new DataError("stream: state c is unknown: h expected"),
    );
  });
  test("refuses a step that returns no pair, and states that are no shapes", () => {
    const options = { inputs: float32(1), state: { h: [1] } };
    expect(() => stream(((x: unknown) => x) as never, options)).toThrow(
      new UsageError("stream: the step returned a Tensor, [state, output] expected"),
    );
    expect(() => stream((x, s) => [s, x], { ...options, state: { h: 3 } as never })).toThrow(
      "stream: state: 3 given for h",
    );
    expect(() => stream((x, s) => [s, x], { ...options, state: { "a.b": [1], a: { b: [1] } } })).toThrow(
      'stream: state: the name "a.b" given',
    );
  });
});

describe("names of inputs", () => {
  test.each(["a.b", "", "__proto__"])("%j", (name) => {
    const inputs = Object.fromEntries([
      [name, type],
      ["a", { b: type }],
    ]);
    expect(() => compile((all) => Object.values(all) as never, { inputs })).toThrow(
      new UsageError(
        `inputs: the name ${JSON.stringify(name)} given, one that is not empty and has no dot expected`,
      ),
    );
  });
  test("what is no type", () => {
    const refused = (inputs: unknown, message: string) =>
      expect(() => compile((x: never) => x, { inputs } as never)).toThrow(new UsageError(message));
    refused({ x: [2, 3] }, "inputs: 2 given for x.0, float32(...) or int32(...) expected");
    refused("T", 'inputs: "T" given, float32(...) or int32(...) expected');
    refused({ x: new Map() }, "inputs: a Map given for x, float32(...) or int32(...) expected");
  });
  test("results may have any", () => {
    const run = compile((x) => ({ "rnn.weight": x, rnn: { weight: x.mul(2) } }), { inputs: type });
    const found = run([1]);
    expect([found["rnn.weight"].data[0], found.rnn.weight.data[0]]).toEqual([1, 2]);
  });
});

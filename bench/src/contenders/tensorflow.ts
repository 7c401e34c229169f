/**
 * TensorFlow.js on its WebAssembly backend with SIMD, one thread: the cells as loops over its operations, the input's
 * product taken for all steps at once, and matrices transposed once: it is slow at products with a transposed one. Its own
 * recurrent layers have no GRU like PyTorch's.
 */

import type { Arrays } from "../arrays.ts";
import type { Task } from "../cases.ts";
import { packageVersion } from "../folder.ts";
import { importPeer, type Library, type Prepared, streamedSteps } from "./contender.ts";

interface TfTensor {
  dataSync(): Float32Array;
  dispose(): void;
}
type Unary = (x: TfTensor) => TfTensor;
type Binary = (a: TfTensor, b: TfTensor) => TfTensor;

interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  zeros(shape: readonly number[]): TfTensor;
  scalar(value: number): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  unstack(x: TfTensor): TfTensor[];
  stack(parts: readonly TfTensor[]): TfTensor;
  split(x: TfTensor, parts: number, axis: number): TfTensor[];
  transpose: Unary;
  sigmoid: Unary;
  tanh: Unary;
  square: Unary;
  sum: Unary;
  add: Binary;
  sub: Binary;
  mul: Binary;
  matMul: Binary;
  tidy<Result>(run: () => Result): Result;
  valueAndGrads(
    loss: (...tensors: TfTensor[]) => TfTensor,
  ): (tensors: readonly TfTensor[]) => { value: TfTensor; grads: TfTensor[] };
}

type State = readonly TfTensor[];
/** x and the weights, as they are named below. */
type Inputs = [TfTensor, TfTensor, TfTensor, TfTensor, TfTensor];
/** The next state, h first, from what the input gives and what the state gives. */
type Step = (fromInput: TfTensor, fromState: TfTensor, state: State) => State;

function steps({ add, sub, mul, sigmoid, tanh, split }: TensorFlow): Readonly<Record<string, Step>> {
  return {
    rnn: (fromInput, fromState) => [tanh(add(fromInput, fromState))],
    lstm(fromInput, fromState, [, c]) {
      const [i, f, g, o] = split(add(fromInput, fromState), 4, 1) as [TfTensor, TfTensor, TfTensor, TfTensor];
      const next = add(mul(sigmoid(f), c as TfTensor), mul(sigmoid(i), tanh(g)));
      return [mul(sigmoid(o), tanh(next)), next];
    },
    gru(fromInput, fromState, [h]) {
      const [xr, xz, xn] = split(fromInput, 3, 1) as [TfTensor, TfTensor, TfTensor];
      const [hr, hz, hn] = split(fromState, 3, 1) as [TfTensor, TfTensor, TfTensor];
      const n = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
      return [add(n, mul(sigmoid(add(xz, hz)), sub(h as TfTensor, n)))];
    },
  };
}

const names = ["x", "weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const;

export async function tensorflow(): Promise<Library> {
  const tf = await importPeer<TensorFlow>("@tensorflow/tfjs");
  const wasm = await importPeer<{ setThreadsCount(count: number): void }>("@tensorflow/tfjs-backend-wasm");
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend of TensorFlow.js does not start");
  await tf.ready();
  return {
    version: packageVersion("node_modules/@tensorflow/tfjs"),
    prepare(task, arrays) {
      return task.kind === "streaming" ? streaming(tf, task, arrays) : sequence(tf, task, arrays);
    },
  };
}

function tensorsOf(tf: TensorFlow, { size: { B, T, I, H } }: Task, arrays: Arrays): TfTensor[] {
  return names.map((name) => {
    const data = arrays.get(name);
    if (!data) throw new Error(`no array ${name} in the file`);
    const rows = data.length / (name === "weight_ih" ? I : H);
    const columns = name === "weight_ih" ? I : H;
    return tf.tensor(
      data,
      name === "x" ? [T, B, I] : name.startsWith("bias") ? [data.length] : [rows, columns],
    );
  });
}

function stepOf(tf: TensorFlow, { model }: Task): Step {
  const step = steps(tf)[model];
  if (!step) throw new Error(`not written for TensorFlow.js: ${model}`);
  return step;
}

const zeroState = (tf: TensorFlow, { model, size: { B, H } }: Task): TfTensor[] =>
  Array.from({ length: model === "lstm" ? 2 : 1 }, () => tf.zeros([B, H]));

function sequence(tf: TensorFlow, task: Task, arrays: Arrays): Prepared {
  const { B, T, I } = task.size;
  const step = stepOf(tf, task);
  const tensors = tensorsOf(tf, task, arrays);
  const outputs = (...given: TfTensor[]): TfTensor => {
    const [x, weight, recurrent, bias, recurrentBias] = given as Inputs;
    const rows = tf.reshape(x, [T * B, I]);
    const products = tf.add(tf.matMul(rows, tf.transpose(weight)), bias);
    const fromInputs = tf.unstack(tf.reshape(products, [T, B, arrays.get("bias_ih")?.length ?? 0]));
    const transposed = tf.transpose(recurrent);
    let state: State = zeroState(tf, task);
    const shown = fromInputs.map((fromInput) => {
      const product = tf.matMul(state[0] as TfTensor, transposed);
      state = step(fromInput, tf.add(product, recurrentBias), state);
      return state[0] as TfTensor;
    });
    return tf.stack(shown);
  };
  if (task.kind === "forward") {
    const read = () => {
      const output = tf.tidy(() => outputs(...tensors));
      const data = output.dataSync();
      output.dispose();
      return data;
    };
    return { run: () => void read(), results: () => ({ output: read() }) };
  }
  const differentiated = tf.valueAndGrads((...given) =>
    tf.mul(tf.sum(tf.square(outputs(...given))), tf.scalar(0.5)),
  );
  const read = (take: (loss: TfTensor, gradients: readonly TfTensor[]) => void) => {
    const { value, grads } = differentiated(tensors);
    take(value, grads);
    for (const tensor of [value, ...grads]) tensor.dispose();
  };
  return {
    // Operations run as they are called: reading the loss waits for nothing that was not asked for.
    run: () => read((loss) => void loss.dataSync()),
    results() {
      const found: Record<string, Float32Array> = {};
      read((loss, gradients) => {
        found.loss = loss.dataSync();
        names.forEach((name, index) => {
          found[name] = (gradients[index] as TfTensor).dataSync();
        });
      });
      return found;
    },
  };
}

function streaming(tf: TensorFlow, task: Task, arrays: Arrays): Prepared {
  const step = stepOf(tf, task);
  const [, weight, recurrent, bias, recurrentBias] = tensorsOf(tf, task, arrays) as Inputs;
  const transposed = tf.transpose(weight);
  const recurrentTransposed = tf.transpose(recurrent);
  const input = arrays.get("x") ?? new Float32Array();
  let state: State = zeroState(tf, task);
  const next = () => {
    const before = state;
    state = tf.tidy(() => {
      const x = tf.tensor(input, [1, task.size.I]);
      const fromInput = tf.add(tf.matMul(x, transposed), bias);
      const product = tf.matMul(before[0] as TfTensor, recurrentTransposed);
      return step(fromInput, tf.add(product, recurrentBias), before) as TfTensor[];
    });
    for (const tensor of before) tensor.dispose();
    return (state[0] as TfTensor).dataSync();
  };
  return {
    run: () => void next(),
    results() {
      for (const tensor of state) tensor.dispose();
      state = zeroState(tf, task);
      for (let count = 1; count < streamedSteps; count += 1) next();
      return { output: next() };
    },
  };
}

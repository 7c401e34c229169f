/**
 * ONNX Runtime, the package for Node or the one that is WebAssembly: models of one node. The weights stand in the model, so that
 * it packs them when the session starts.
 */

import { type Arrays, arrayOf } from "../arrays.ts";
import type { Task } from "../cases.ts";
import { packageVersion } from "../folder.ts";
import { importPeer, type Library, type Prepared, streamedSteps } from "./contender.ts";

interface OnnxTensor {
  readonly data: Float32Array;
}
type Tensors = Readonly<Record<string, OnnxTensor>>;
interface Session {
  run(feeds: Tensors): Promise<Tensors>;
}
interface Runtime {
  readonly env: { readonly wasm: { numThreads?: number } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => OnnxTensor;
}
/** What `onnx-proto` makes of the format's own description, protobuf's messages as plain objects. */
interface Format {
  readonly onnx: { readonly ModelProto: { encode(model: object): { finish(): Uint8Array } } };
}

interface Node {
  readonly op: string;
  /** Where in PyTorch's order of gates each of ONNX's stands: i, f, g, o becomes i, o, f, c; r, z, n becomes z, r, h. */
  readonly gates: readonly number[];
  /** The states, besides the outputs. */
  readonly states: readonly string[];
  readonly attributes?: readonly object[];
}
// Numbers of the format: AttributeProto.AttributeType and TensorProto.DataType.
const [integer, float] = [2, 1];

const nodes: Readonly<Record<string, Node>> = {
  lstm: { op: "LSTM", gates: [0, 3, 1, 2], states: ["h", "c"] },
  gru: {
    op: "GRU",
    gates: [1, 0, 2],
    states: ["h"],
    attributes: [{ name: "linear_before_reset", type: integer, i: 1 }],
  },
  rnn: { op: "RNN", gates: [0], states: ["h"] },
};

export async function onnx(name: "onnxruntime-node" | "onnxruntime-web", threads: number): Promise<Library> {
  const runtime = await importPeer<Runtime>(name);
  const format = await importPeer<Format>("onnx-proto");
  runtime.env.wasm.numThreads = threads;
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: "sequential" };
  return {
    version: packageVersion(`node_modules/${name}`),
    async prepare(task, arrays) {
      const node = nodes[task.model];
      if (!node) throw new Error(`not written for ONNX Runtime: ${task.model}`);
      const model = writeModel(format, node, task, arrays);
      const session = await runtime.InferenceSession.create(model, {
        ...options,
        ...(name === "onnxruntime-web" && { executionProviders: ["wasm"] }),
      });
      const prepare = task.kind === "streaming" ? streaming : forward;
      return prepare(runtime, session, node, task, arrays);
    },
  };
}

/** Gates one below the other, in ONNX's order. */
function reorder(array: Float32Array, gates: readonly number[]): Float32Array {
  const each = array.length / gates.length;
  const ordered = new Float32Array(array.length);
  gates.forEach((from, to) => {
    ordered.set(array.subarray(from * each, (from + 1) * each), to * each);
  });
  return ordered;
}

/** X (T, B, I) to Y (T, 1, B, H); of streaming, with the states as inputs and outputs (1, 1, H). */
function writeModel({ onnx: { ModelProto } }: Format, node: Node, task: Task, arrays: Arrays): Uint8Array {
  const { B, T, I, H } = task.size;
  const isStreaming = task.kind === "streaming";
  const rows = H * node.gates.length;
  const weights: Readonly<Record<string, Float32Array>> = Object.fromEntries(
    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => [
      name,
      reorder(arrayOf(arrays, name), node.gates),
    ]),
  );
  const constant = (name: string, dims: readonly number[], parts: readonly string[]) => ({
    name,
    dims,
    dataType: float,
    floatData: parts.flatMap((part) => [...(weights[part] as Float32Array)]),
  });
  const described = (name: string, shape: readonly number[]) => ({
    name,
    type: { tensorType: { elemType: float, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });
  const state = [1, B, H];
  const stateNames = (prefix: string) => node.states.map((name) => `${prefix}_${name}`);
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 14 }],
    graph: {
      name: node.op,
      node: [
        {
          opType: node.op,
          input: ["X", "W", "R", "B", ...(isStreaming ? ["", ...stateNames("initial")] : [])],
          output: isStreaming ? ["", ...stateNames("Y")] : ["Y"],
          attribute: [{ name: "hidden_size", type: integer, i: H }, ...(node.attributes ?? [])],
        },
      ],
      initializer: [
        constant("W", [1, rows, I], ["weight_ih"]),
        constant("R", [1, rows, H], ["weight_hh"]),
        constant("B", [1, 2 * rows], ["bias_ih", "bias_hh"]),
      ],
      input: [
        described("X", [T, B, I]),
        ...(isStreaming ? stateNames("initial").map((name) => described(name, state)) : []),
      ],
      output: isStreaming
        ? stateNames("Y").map((name) => described(name, state))
        : [described("Y", [T, 1, B, H])],
    },
  };
  return ModelProto.encode(model).finish();
}

function forward(
  { Tensor }: Runtime,
  session: Session,
  _: Node,
  { size: { B, T, I } }: Task,
  arrays: Arrays,
): Prepared {
  const feeds = { X: new Tensor("float32", arrayOf(arrays, "x"), [T, B, I]) };
  return {
    async run() {
      await session.run(feeds);
    },
    results: async () => ({ output: ((await session.run(feeds)).Y as OnnxTensor).data }),
  };
}

function streaming(
  { Tensor }: Runtime,
  session: Session,
  { states }: Node,
  { size: { I, H } }: Task,
  arrays: Arrays,
): Prepared {
  const x = arrayOf(arrays, "x");
  const zeros = () =>
    Object.fromEntries(states.map((name) => [name, new Tensor("float32", new Float32Array(H), [1, 1, H])]));
  let state: Tensors = zeros();
  const next = async () => {
    const feeds: Record<string, OnnxTensor> = { X: new Tensor("float32", x, [1, 1, I]) };
    for (const name of states) feeds[`initial_${name}`] = state[name] as OnnxTensor;
    const given = await session.run(feeds);
    state = Object.fromEntries(states.map((name) => [name, given[`Y_${name}`] as OnnxTensor]));
  };
  return {
    run: next,
    async results() {
      state = zeros();
      for (let count = 0; count < streamedSteps; count += 1) await next();
      return { output: (state.h as OnnxTensor).data };
    },
  };
}

/** What a bundle of Rondo is asked to do, in whatever form it runs: train, compute, draw, fail, and share work. */

import {
  compile,
  draw,
  float32,
  gru,
  threadReport,
  trainLanguageModel,
  value,
  wasmBackend,
} from "../../src/index.ts";

export interface Found {
  /** The losses of a short training, as bits of its platform. */
  readonly losses: readonly number[];
  readonly text: string;
  /** A product of matrices by two threads, once they run. */
  readonly product: readonly number[];
  /** Not where there is no room for the library that lays pictures out. */
  readonly picture?: string;
  /** An error as it prints itself. */
  readonly error: string;
  readonly threads: number;
  readonly reason: string;
}

const sentence = "round and round the ring goes, and comes round again. ";
const patience = 20_000;

export async function probe(): Promise<Found> {
  return { ...(await probeWithoutPicture()), picture: await draw(gru) };
}

export async function probeWithoutPicture(): Promise<Found> {
  const backend = wasmBackend({ threads: 2, minimumWork: 0, fused: false });
  const losses: number[] = [];
  const model = await trainLanguageModel(sentence.repeat(8), {
    cell: "gru",
    hidden: 8,
    embedding: 4,
    epochs: 1,
    batch: 4,
    window: 8,
    backend,
    onEvent: (event) => losses.push(event.event === "step" ? event.loss : event.nats),
  });
  const text = model.generate("round ", { length: 12, temperature: 0 });
  await threadsHaveStarted();
  const matrix = value(
    Float32Array.from({ length: 64 }, (_, index) => index / 8),
    [8, 8],
  );
  const square = compile((x) => x.dot(x), { inputs: float32(8, 8), backend });
  const product = [...square(matrix).data];
  return { losses, text, product, error: anError(), ...threadReport() };
}

/** Until the second thread runs, or it is known that none will. */
async function threadsHaveStarted(): Promise<void> {
  const isStarting = () => threadReport().reason.includes("still starting");
  for (const end = performance.now() + patience; isStarting() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function anError(): string {
  try {
    compile((x) => x.reshape(["B", 3]), { inputs: float32("B", 2) });
    return "none";
  } catch (error) {
    return String(error);
  }
}

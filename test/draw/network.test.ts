// The drawings of networks: folded with their loops, and unrolled with one column a step.
import { describe, expect, it } from "vitest";
import { draw } from "../../src/draw/index.ts";
import { subtractDimensions } from "../../src/graph/dimension.ts";
import {
  atPositions,
  bridge,
  cell,
  childSumTreeLstm,
  clockwork,
  embedding,
  gru,
  highway,
  initialize,
  linear,
  lstm,
  matrix,
  recurrent,
  recursive,
  residual,
  rnn,
  stacked,
  treeLstm,
} from "../../src/nn/index.ts";
import { compile, float32, type InputType, int32 } from "../../src/program/compile.ts";
import { concat, tanh } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import type { MapTree } from "../../src/trace/tree.ts";
import { type DrawnLine, expectTidy, type Read, read } from "./picture.ts";

const layers = ({ shapes }: Read) => shapes.filter(({ kind }) => kind === "layer");
const textOf = ({ shapes }: Read, id: string) => shapes.find((shape) => shape.id === id)?.text ?? id;
/** Lines by what stands at their ends. */
const ends = (picture: Read, { from, to }: DrawnLine) => `${textOf(picture, from)} > ${textOf(picture, to)}`;
const wires = (picture: Read) => picture.lines.map((line) => ends(picture, line)).sort();

const language = {
  embedding: embedding(50, 6),
  rnn: recurrent(lstm, 6, 9, { layers: 2 }),
  head: linear(9, 50),
};
const classify = { rnn: recurrent(gru, 4, 6, { direction: "both" }), head: linear(12, 3) };

describe("folded", () => {
  it("shows the layers with their sizes, and a loop at each layer along time", async () => {
    const picture = read(await draw(language, { inputs: int32("T", "B") }));
    expectTidy(picture);
    const [first, second] = ["lstm | 6 → 9", "lstm | 9 → 9"];
    expect(wires(picture)).toEqual(
      [
        `x > embedding | 50 → 6`,
        `embedding | 50 → 6 > ${first}`,
        `${first} > ${first}`,
        `${first} > ${second}`,
        `${second} > ${second}`,
        `${second} > head | 9 → 50`,
        `head | 9 → 50 > y`,
      ].sort(),
    );
    const loops = picture.lines.filter(({ isState }) => isState);
    expect(loops.map(({ from, to }) => from === to)).toEqual([true, true]);
    expect(picture.labels.map(({ text }) => text)).toEqual(["h, c", "h, c"]);
  });

  it("shows a layer over trees as one box, however its children are found", async () => {
    const tree = recursive(treeLstm, 8, 12, { direction: "both", down: childSumTreeLstm, reads: "leaves" });
    const words = recurrent(gru, 6, 4, { direction: "both" });
    const model = { embedding: embedding(50, 6), words, tree, head: linear(24, 3) };
    const inputs = { tokens: int32("S", "B"), positions: int32("T", "B"), trees: tree.treeTypes };
    const forward = ({ tokens, positions, trees }: MapTree<typeof inputs, InputType, Tensor>) => {
      const { output } = words.apply(model.embedding.apply(tokens));
      const found = tree.apply(atPositions(output, positions), trees);
      return { nodes: model.head.apply(found.output), root: found.root };
    };
    const picture = read(await draw(model, { inputs, forward }));
    expectTidy(picture);
    const [up, down] = ["tree-lstm | 8 → 12", "child-sum-tree-lstm | 12 → 12"];
    const found = wires(picture);
    for (const wire of [`${up} > ${up}`, `${up} > ${down}`, `${down} > ${down}`, "head | 24 → 3 > nodes"]) {
      expect(found.filter((one) => one === wire)).toHaveLength(1);
    }
    const texts = picture.labels.map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(["h, c", "← h, c"]));
    expect(picture.shapes.map(({ text }) => text).filter((text) => text.startsWith("trees"))).toEqual([]);
    await expect(draw(model, { inputs, forward, view: "unrolled" })).rejects.toThrow(
      "draw: a network over trees has no common steps to unroll, draw it folded",
    );
  });

  it("shows a layer over trees alone, and the cell that it is made of", async () => {
    const tree = recursive(childSumTreeLstm, 8, 8);
    const box = "child-sum-tree-lstm | 8 → 8";
    expect(wires(read(await draw(tree)))).toEqual([`${box} > ${box}`, `${box} > y`, `x > ${box}`]);
    const title = "c";
    expect(await draw(tree, { view: "cell", title })).toBe(await draw(childSumTreeLstm, { title }));
  });

  it("shows both directions, joined", async () => {
    const picture = read(await draw(classify));
    expectTidy(picture);
    expect(picture.labels.map(({ text }) => text).sort()).toEqual(["h", "← h"]);
    expect(wires(picture)).toContain(" > head | 12 → 3");
    expect(wires(picture).filter((wire) => wire === "gru | 4 → 6 > ")).toHaveLength(2);
  });

  it("shows different cells, connections past layers, and gates between them", async () => {
    const picture = read(
      await draw(
        stacked(recurrent(lstm, 4, 6), residual(recurrent(gru, 6, 6)), highway(recurrent(rnn, 6, 6))),
      ),
    );
    expectTidy(picture);
    const found = wires(picture);
    expect(found).toContain("lstm | 4 → 6 > +");
    expect(found).toContain("gru | 6 → 6 > +");
    expect(found).toContain("Wgate · + bgate > σ");
    expect(found).toContain("rnn | 6 → 6 > ×");
    expect(found).toContain("1 − > ×");
  });

  it("shows an encoder's state enter the decoder", async () => {
    const model = {
      encoder: recurrent(lstm, 4, 6),
      embedding: embedding(9, 5),
      decoder: recurrent(lstm, 5, 6),
      head: linear(6, 9),
    };
    const forward = ({ source, target }: Record<"source" | "target", Tensor>) => {
      const { state } = model.encoder.apply(source);
      return model.head.apply(model.decoder.apply(model.embedding.apply(target), { state }).output);
    };
    const inputs = { source: float32("S", "B", 4), target: int32("T", "B") };
    const picture = read(await draw(model, { inputs, forward }));
    expectTidy(picture);
    expect(wires(picture)).toContain("encoder: lstm | 4 → 6 > decoder: lstm | 5 → 6");
    expect(wires(picture)).toContain("embedding | 9 → 5 > decoder: lstm | 5 → 6");
    await expect(draw(model, { inputs, forward, view: "unrolled" })).rejects.toThrow(
      "sequences of lengths S and T cannot be unrolled",
    );
  });

  it("shows a bridge by all that it reads: both directions", async () => {
    const [encoder, decoder] = [recurrent(gru, 4, 6, { direction: "both" }), recurrent(gru, 5, 8)];
    const model = { encoder, bridge: bridge(encoder, decoder), decoder };
    const forward = ({ source, target }: Record<"source" | "target", Tensor>) =>
      decoder.apply(target, { state: model.bridge.apply(encoder.apply(source).state) }).output;
    const inputs = { source: float32("S", "B", 4), target: float32("T", "B", 5) };
    const found = wires(read(await draw(model, { inputs, forward })));
    expect(found).toContain("h | 12 → 8 > tanh");
    expect(found).toContain("tanh > decoder: gru | 5 → 8");
  });

  it("shows each group of a clockwork network", async () => {
    const picture = read(await draw(clockwork(rnn, 3, 6, { periods: [1, 2, 4] })));
    expectTidy(picture);
    expect(layers(picture).map(({ text }) => text)).toEqual(["rnn | 3 → 2", "rnn | 5 → 2", "rnn | 7 → 2"]);
  });
});

describe("unrolled", () => {
  it("repeats every layer, with the same weights in the same colour, and leads the state on", async () => {
    const picture = read(await draw(language, { inputs: int32("T", "B"), view: "unrolled", steps: 4 }));
    expectTidy(picture);
    const copies = (text: string) => layers(picture).filter((layer) => layer.text.startsWith(text));
    for (const [text, weights] of [
      ["lstm | 6 → 9", "W1"],
      ["lstm | 9 → 9", "W2"],
    ] as const) {
      expect(copies(text).map((copy) => copy.text)).toEqual(Array(4).fill(`${text} | ${weights}`));
      expect(new Set(copies(text).map(({ fill }) => fill)).size).toBe(1);
      expect(new Set(copies(text).map(({ y }) => y)).size).toBe(1);
    }
    expect(copies("lstm | 6")[0]?.fill).not.toBe(copies("lstm | 9")[0]?.fill);
    const texts = picture.shapes.map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(["x1", "x4", "y1", "y4"]));
    expect(texts).not.toContain("x5");
    const first = copies("lstm | 6").map(({ id }) => id);
    const states = picture.lines.filter(({ from, to }) => first.includes(from) && first.includes(to));
    expect(states.map(({ from, to }) => [from, to])).toEqual([
      [first[0], first[1]],
      [first[1], first[2]],
      [first[2], first[3]],
    ]);
    expect(states.every(({ points, isState }) => isState && points.length === 2)).toBe(true);
    expect(picture.labels.map(({ text }) => text)).toEqual(["h0, c0", "h4, c4", "h0, c0", "h4, c4"]);
  });

  it("leads the state of the other direction backwards", async () => {
    const picture = read(await draw(classify, { view: "unrolled", steps: 2 }));
    expectTidy(picture);
    const along = picture.lines.filter(({ isState }) => isState);
    const leftwards = along.filter(({ points }) => (points[0]?.[0] ?? 0) > (points.at(-1)?.[0] ?? 0));
    expect([along.length, leftwards.length]).toEqual([6, 3]);
    expect(picture.labels.map(({ text }) => text)).toEqual(["h0", "h2", "h1", "h3"]);
  });

  it("skips steps where a cell does", async () => {
    const skip = cell(
      "skip",
      (input, hidden) => ({ state: { h: hidden }, weights: { W: matrix(input + 2 * hidden, hidden) } }),
      ({ W }, { h }, x, { past }) => ({ h: tanh(concat(x, h, past(2).h).dot(W)) }),
    );
    const picture = read(await draw(skip, { view: "unrolled", steps: 4 }));
    const ids = layers(picture).map(({ id }) => id);
    const spans = picture.lines.flatMap(({ from, to }) =>
      ids.includes(from) && ids.includes(to) ? [ids.indexOf(to) - ids.indexOf(from)] : [],
    );
    expect(spans.sort()).toEqual([1, 1, 1, 2, 2]);
    expectTidy(picture);
  });

  it.each([
    ["the final state", (x: Tensor) => classify.head.apply(bothStates(x)), [2, 0]],
    [
      "the mean of all steps",
      (x: Tensor) => classify.head.apply(classify.rnn.apply(x).output.mean(0)),
      [0, 1, 2],
    ],
    [
      "the last step",
      (x: Tensor) => classify.head.apply(classify.rnn.apply(x).output.at(0, subtractDimensions("T", 1))),
      [2],
    ],
  ] as const)("many to one: draws once what reads %s, and where from", async (_, forward, steps) => {
    const inputs = float32("T", "B", 4);
    const picture = read(await draw(classify, { view: "unrolled", inputs, forward }));
    expectTidy(picture);
    expect(layers(picture).filter(({ text }) => text.startsWith("head"))).toHaveLength(1);
    expect(picture.shapes.filter(({ text }) => text === "y")).toHaveLength(1);
    const isOnce = (id: string) => /mean|at T-1|head|^$/.test(textOf(picture, id)) && isAlone(picture, id);
    const read3 = picture.lines.filter(({ from, to }) => isOnce(to) && !isOnce(from));
    const columns = [...new Set(read3.map(({ from }) => Number(from.split(" ").at(-1)) - 1))];
    expect(columns.sort()).toEqual([...steps].sort());
  });

  it("one to many: the state that is given enters the first step alone", async () => {
    const model = { start: linear(5, 6), rnn: recurrent(gru, 4, 6), head: linear(6, 2) };
    const forward = ({ image, x }: { image: Tensor; x: Tensor }) => {
      const h = model.start.apply(image);
      return model.head.apply(model.rnn.apply(x, { state: { h: h.reshape([1, "B", 6]) } }).output);
    };
    const inputs = { image: float32("B", 5), x: float32("T", "B", 4) };
    const picture = read(await draw(model, { view: "unrolled", inputs, forward }));
    expectTidy(picture);
    expect(wires(picture).filter((wire) => wire.startsWith("start"))).toEqual([
      "start | 5 → 6 > gru | 4 → 6 | W1",
    ]);
    expect(picture.labels.map(({ text }) => text)).toEqual(["h3"]);
  });
});

function bothStates(x: Tensor): Tensor {
  const { h } = classify.rnn.apply(x).state;
  return concat(h.at(0, 0), h.at(0, 1));
}

/** Whether no other step has a copy of a vertex. */
function isAlone({ shapes }: Read, id: string): boolean {
  const vertex = id.split(" ").slice(0, -1).join(" ");
  return shapes.filter((shape) => shape.id.split(" ").slice(0, -1).join(" ") === vertex).length === 1;
}

describe("draw", () => {
  it("changes nothing in the model", async () => {
    const model = initialize({ rnn: recurrent(gru, 2, 3), head: linear(3, 1) }, { seed: 1 });
    const run = compile((x) => model.head.apply(model.rnn.apply(x).output), { inputs: float32("T", "B", 2) });
    const before = run([[[1, 2]], [[3, 4]]]).data;
    await draw(model, { view: "unrolled" });
    expect(run([[[1, 2]], [[3, 4]]]).data).toEqual(before);
  });

  it.each([
    [{ view: "sideways" }, 'draw: view "sideways" given, cell, folded, unrolled expected'],
    [{ steps: 0 }, "draw: steps 0 given, a whole number from 1 to 12 expected"],
    [{ steps: 2.5 }, "draw: steps 2.5 given"],
    [{ steps: 13 }, "draw: steps 13 given"],
    [{ steps: 3 }, 'draw: steps given, but the view is "folded", "unrolled" expected'],
    [{ view: "cell", steps: 3 }, 'draw: steps given, but the view is "cell", "unrolled" expected'],
    [{ hidden: 3 }, "draw: hidden given, which a cell is drawn for, but a model has sizes of its own"],
    [{ inputs: {} }, "draw: inputs without a type given"],
    [{ inputs: float32("T", "B", 7) }, "float32 (T, B, 7) given, float32 (T, B, 4) expected"],
    [{ forward: () => 3 }, "draw: a function that returns no tensor given"],
  ] as [object, string][])("refuses %o", async (options, message) => {
    await expect(draw(classify, options)).rejects.toThrow(message);
  });

  it("refuses models of which it does not know enough", async () => {
    await expect(draw({ head: linear(2, 3) })).rejects.toThrow("a model whose inputs are not known given");
    await expect(
      draw(stacked(recurrent(lstm, 2, 3), recurrent(gru, 3, 3)), { view: "cell" }),
    ).rejects.toThrow('the cells lstm and gru given, one cell expected for the view "cell"');
    await expect(draw({ rnn: recurrent(lstm, 2, 3), more: { head: linear(3, 1) } })).rejects.toThrow(
      "a model with other parts than layers given",
    );
    const inputs = float32("B", 2);
    await expect(draw({ head: linear(2, 3) }, { inputs, view: "unrolled" })).rejects.toThrow(
      "no layer along time cannot be unrolled",
    );
  });
});

// The drawings of cells: what stands in them and what is wired to what, for cells of Rondo and for made-up ones.
import { describe, expect, it } from "vitest";
import { cellDiagram } from "../../src/draw/cell.ts";
import { draw } from "../../src/draw/index.ts";
import { type Step, stepOfCell, stepOfTreeCell } from "../../src/draw/step.ts";
import {
  additive,
  type Cell,
  cell,
  cells,
  general,
  gru,
  lstm,
  matrix,
  recurrent,
  rnn,
  textbookGru,
  treeCells,
  treeLstm,
  vector,
  withAttention,
} from "../../src/nn/index.ts";
import { float32 } from "../../src/program/compile.ts";
import { logSigmoid, softplus } from "../../src/trace/activations.ts";
import { abs, concat, relu, sigmoid, softmax, tanh, where } from "../../src/trace/functions.ts";
import { expectTidy, isStraight, read } from "./picture.ts";

const every = Object.entries(cells) as [string, Cell<string, string>][];
const sizes = { input: 8, hidden: 8, memory: 8 };

const wiring = (of: Cell<string, string>) => wiringOf(stepOfCell(of, sizes));

/** Each vertex as "what it says <- what enters", with vertices of a name or a number called by what they say. */
function wiringOf(step: Step): string[] {
  const { vertices, wires } = cellDiagram(step);
  const said = new Map(
    vertices.map(({ id, kind, name, text, title }) => [
      id,
      (name ? `${name}=` : "") + (text.join(" ") || (kind === "join" ? (title ?? "") : "")),
    ]),
  );
  return vertices.map(({ id }) => {
    const inputs = wires.filter(({ to }) => to === id).map(({ from }) => said.get(from));
    return inputs.length > 0 ? `${said.get(id)} <- ${inputs.join(" ; ")}` : `${said.get(id)}`;
  });
}

const everyTree = Object.entries(treeCells);

describe("the graph of a tree cell", () => {
  it("has the states of the children in its equations", () => {
    expect(wiringOf(stepOfTreeCell(treeCells["tree-rnn"], { input: 8, hidden: 8, arity: 3 }))).toEqual([
      ...["h_{1}", "h_{2}", "h_{3}", "x"],
      "W_{x} x + W [h_{1}, h_{2}, h_{3}] + b <- x ; h_{1} ; h_{2} ; h_{3}",
      "tanh <- W_{x} x + W [h_{1}, h_{2}, h_{3}] + b",
      ...["h <- tanh", "y <- tanh"],
    ]);
  });

  it("sums over children, each with its own gate", () => {
    const found = wiringOf(stepOfTreeCell(treeCells["child-sum-tree-lstm"], { input: 8, hidden: 8 }));
    expect(found.filter((line) => line.startsWith("U_{f} h"))).toEqual([
      "U_{f} h_{1} <- h_{1}",
      "U_{f} h_{2} <- h_{2}",
    ]);
    expect(found).toContain("+ <- h_{1} ; h_{2}");
    expect(found.filter((line) => /^× <- f=σ ; c_\{[12]\}$|^× <- c_\{[12]\} ; f=σ$/.test(line))).toHaveLength(
      2,
    );
  });

  it.each(everyTree)("of %s makes a tidy picture with all its weights", async (_, treeCell) => {
    const picture = read(await draw(treeCell));
    expectTidy(picture);
    const said = picture.shapes.map(({ text }) => text).join(" ");
    const { weights } = treeCell.parts(8, 8, 2);
    for (const name of Object.keys(weights)) {
      // What leaves alone have is none of a node with children.
      if (/^(b_x|W_A|b_A)$/.test(name)) continue;
      expect(said).toContain(name.slice(0, 1));
    }
  });

  it.each([
    ...[
      [1, 2],
      [3, 2],
      [4, 2],
      [12, 2],
      [7, 4],
      [12, 3],
    ],
  ] as [number, number][])("is unrolled over %i words, %i children a node at most", async (steps, arity) => {
    const picture = read(await draw(treeLstm, { view: "unrolled", steps, arity }));
    expectTidy(picture);
    const boxes = picture.shapes.filter(({ kind }) => kind === "layer");
    const inputs = picture.shapes.filter(({ kind }) => kind === "input");
    expect(inputs.map(({ text }) => text)).toEqual(Array.from({ length: steps }, (_, at) => `x${at + 1}`));
    expect(inputs.toSorted((a, b) => a.x - b.x)).toEqual(inputs);
    expect(new Set(boxes.map(({ fill }) => fill)).size).toBe(1);
    // Every box but the root is led up to one other, which has no more children than it may.
    const up = picture.lines.filter(({ isState }) => isState);
    expect(up).toHaveLength(boxes.length - 1);
    for (const { id, y } of boxes) {
      const children = up
        .filter(({ to }) => to === id)
        .map(({ from }) => boxes.find((one) => one.id === from));
      expect(children.length).toBeLessThanOrEqual(arity);
      for (const child of children) expect(child?.y).toBeGreaterThan(y);
    }
  });

  it("of one child is unrolled as a chain", async () => {
    const picture = read(await draw(treeCells["tree-gru"], { view: "unrolled", steps: 3, arity: 1 }));
    expectTidy(picture);
    expect(new Set(picture.shapes.filter(({ kind }) => kind === "layer").map(({ x }) => x)).size).toBe(1);
    expect(picture.labels.map(({ text }) => text)).toEqual(["h1", "h1"]);
  });

  it("refuses what says nothing of one", async () => {
    const cell = treeCells["tree-lstm"];
    await expect(draw(cell, { view: "folded" })).rejects.toThrow(
      'view "folded" of a tree cell given, "cell" or "unrolled" expected',
    );
    await expect(draw(cell, { arity: 0 })).rejects.toThrow(
      "arity 0 given, a whole number from 1 to 8 expected",
    );
    await expect(draw(treeCells["tree-matrix-vector"], { arity: 3 })).rejects.toThrow(
      "is for 2 children, and 3 asked for",
    );
    await expect(draw(cell, { memory: 3 })).rejects.toThrow("memory given");
    await expect(draw(cell, { steps: 3 })).rejects.toThrow("steps given");
    await expect(draw(lstm, { arity: 2 })).rejects.toThrow("arity 2 given, which a tree cell is drawn for");
  });
});

describe("the graph of a cell", () => {
  it("of a vanilla cell is one product and its function", () => {
    expect(wiring(rnn as unknown as Cell<string, string>)).toEqual([
      "h_{t−1}",
      "x_{t}",
      "W_{ih} x + W_{hh} h + b_{ih} + b_{hh} <- x_{t} ; h_{t−1}",
      "tanh <- W_{ih} x + W_{hh} h + b_{ih} + b_{hh}",
      "h_{t} <- tanh",
      "y_{t} <- tanh",
    ]);
  });

  it("of a cell that attends has the memory beside x, the score as papers print it, and what is carried for it", () => {
    const found = wiring(
      withAttention(gru, additive({ units: 6, coverage: true })) as unknown as Cell<string, string>,
    );
    for (const line of [
      "m",
      "U_{a} m + W_{a} h <- m ; h_{t−1}",
      "× w_{c} <- coverage_{t−1}",
      "+ <- U_{a} m + W_{a} h ; × w_{c}",
      "× v_{a} <- tanh",
      "softmax <- Σ",
      "· <- softmax ; m",
      "r=σ <- W_{ir} [x, ·] + W_{hr} h + b_{ir} + b_{hr}",
      "coverage_{t} <- +",
      "context_{t} <- ·",
    ]) {
      expect(found).toContain(line);
    }
    expect(
      wiring(withAttention(rnn, general(), { query: "after" }) as unknown as Cell<string, string>),
    ).toEqual([
      "h_{t−1}",
      "attended_{t−1}",
      "x_{t}",
      "m",
      "W_{ih} [x, attended] + W_{hh} h + b_{ih} + b_{hh} <- x_{t} ; attended_{t−1} ; h_{t−1}",
      "tanh <- W_{ih} [x, attended] + W_{hh} h + b_{ih} + b_{hh}",
      "h_{t} <- tanh",
      "W_{a} · <- tanh",
      "· <- W_{a} · ; m",
      "softmax <- ·",
      "· <- softmax ; m",
      "W_{c} [·, ·] <- · ; tanh",
      "tanh <- W_{c} [·, ·]",
      "attended_{t} <- tanh",
      "y_{t} <- tanh",
    ]);
  });

  it("of a cell that attends is drawn with x and the memory apart, and in a network with its encoder", async () => {
    const attending = withAttention(rnn, general());
    const picture = read(await draw(attending, { memory: 12 }));
    expectTidy(picture);
    const ofCell = await draw(attending, { view: "folded" });
    expect(ofCell).toContain("memory");
    const model = {
      encoder: recurrent(gru, 4, 8),
      decoder: recurrent(attending, 4, 8, { memory: 8 }),
    };
    const folded = await draw(model, {
      inputs: { source: float32("S", "B", 4), target: float32("T", "B", 4) },
      forward: ({ source, target }) =>
        model.decoder.apply(target, { memory: { values: model.encoder.apply(source).output } }).output,
    });
    expect(folded).toContain("rnn with general attention");
    await expect(draw(model, { memory: 3 })).rejects.toThrow(/draw: memory given, which a cell is drawn for/);
  });

  it("of an LSTM names the gates of packed weights as PyTorch orders them", () => {
    const found = wiring(lstm as unknown as Cell<string, string>);
    for (const gate of ["i", "f", "g", "o"]) {
      const product = `W_{i${gate}} x + W_{h${gate}} h + b_{i${gate}} + b_{h${gate}}`;
      expect(found).toContain(`${product} <- [x_t, h_t−1]`);
      expect(found).toContain(`${gate}=${gate === "g" ? "tanh" : "σ"} <- ${product}`);
    }
    expect(found).toContain("[x_t, h_t−1] <- x_{t} ; h_{t−1}");
    expect(found).toContain("× <- f=σ ; c_{t−1}");
    expect(found).toContain("× <- i=σ ; g=tanh");
    expect(found).toContain("+ <- × ; ×");
    expect(found).toContain("c_{t} <- +");
    expect(found).toContain("tanh <- +");
    expect(found).toContain("× <- o=σ ; tanh");
    expect(found).toContain("h_{t} <- ×");
    expect(found).toHaveLength(3 + 1 + 4 * 2 + 5 + 3);
  });

  it("of a GRU mixes with 1 - z, and resets after the product", () => {
    const found = wiring(gru as unknown as Cell<string, string>);
    expect(found).toContain("1 − <- z=σ");
    expect(found).toContain("× <- 1 − ; n=tanh");
    expect(found).toContain("× <- z=σ ; h_{t−1}");
    expect(found).toContain("× <- r=σ ; W_{hn} h + b_{hn}");
    expect(found).toContain("+ <- W_{in} x + b_{in} ; ×");
  });

  it("of a textbook GRU writes what a product reads", () => {
    const found = wiring(textbookGru as unknown as Cell<string, string>);
    expect(found).toContain("W_{n} [r ⊙ h, x] + b_{n} <- × ; x_{t}");
    expect(found).toContain("r=σ <- W_{r} [h, x] + b_{r}");
  });

  it("of a peephole LSTM shows weights that multiply element by element", () => {
    const found = wiring(cells["lstm-peephole"]);
    expect(found).toContain("× p_{f} <- c_{t−1}");
    expect(found).toContain("f=σ <- +");
  });

  it("of a layer-normalised LSTM shows normalisations with their gains and shifts, and splits what they give", () => {
    const found = wiring(cells["lstm-layer-norm"]);
    expect(found).toContain("norm γ_{hh}, b_{hh} <- W_{hh} h");
    expect(found).toContain("norm γ_{c}, b_{c} <- +");
    expect(found).toContain("f= <- +");
  });

  it("of a made-up cell: numbered parts, functions, weights in equations, reads of the past", () => {
    const odd = cell(
      "odd",
      (input, hidden) => ({
        state: { memory: hidden },
        weights: { mixing: matrix(input, 2 * hidden), S: matrix(hidden, hidden), keep: vector(hidden) },
      }),
      ({ mixing, S, keep }, { memory }, x, { past }) => {
        const [a, b] = x.dot(mixing).split(2);
        const kept = memory.mul(sigmoid(keep)).sub(past(3).memory.dot(S));
        return {
          memory: relu(a as typeof x)
            .add(softmax(b as typeof x))
            .add(kept.exp()),
        };
      },
      { output: ({ memory }) => memory.neg() },
    );
    const found = wiring(odd as unknown as Cell<string, string>);
    expect(found).toContain("relu <- mixing_{1} x");
    expect(found).toContain("softmax <- mixing_{2} x");
    expect(found).toContain("× σ(keep) <- memory_{t−1}");
    expect(found).toContain("S memory_{t−3} <- memory_{t−3}");
    expect(found).toContain("− <- × σ(keep) ; S memory_{t−3}");
    expect(found).toContain("y_{t} <- −");
  });

  it("of activations made of several operations has one box for each, and none for a number that a choice is from", () => {
    const smooth = cell(
      "smooth",
      (_, hidden) => ({ state: { h: hidden }, weights: { W: matrix(hidden, hidden) } }),
      ({ W }, { h }) => {
        const sum = h.dot(W);
        return {
          h: where(
            h.equal(0),
            Number.NEGATIVE_INFINITY,
            softplus(sum).mul(logSigmoid(sum.slice(1, 0, 8))),
          ).add(abs(h)),
        };
      },
    );
    expect(wiring(smooth as unknown as Cell<string, string>)).toEqual([
      ...["h_{t−1}", "= 0 <- h_{t−1}", "W h <- h_{t−1}", "softplus <- W h", "log σ <- W h"],
      ...["× <- softplus ; log σ", "if <- = 0 ; ×", "abs <- h_{t−1}", "+ <- if ; abs"],
      ...["h_{t} <- +", "y_{t} <- +"],
    ]);
  });

  it("draws a sum that is used twice once", () => {
    const twice = cell(
      "twice",
      (input, hidden) => ({
        state: { h: hidden },
        weights: { W: matrix(input, hidden), U: matrix(hidden, hidden), b: vector(hidden) },
      }),
      ({ W, U, b }, { h }, x) => {
        const sum = x.dot(W).add(b);
        return { h: tanh(sum).add(sum.add(h.dot(U))) };
      },
    );
    const found = wiring(twice as unknown as Cell<string, string>);
    expect(found).toContain("W x + b <- x_{t}");
    expect(found).toContain("+ <- U h ; tanh ; W x + b");
  });

  it("draws no read of the past that no equation uses", () => {
    const two = cell(
      "two",
      (input, hidden) => ({ state: { a: hidden, b: hidden }, weights: { W: matrix(input, hidden) } }),
      ({ W }, { a, b }, x, { past }) => ({ a: x.dot(W).add(past(2).a), b: a.add(b) }),
    );
    const found = wiring(two as unknown as Cell<string, string>);
    expect(found).toContain("a_{t−2}");
    expect(found).not.toContain("b_{t−2}");
  });
});

describe("the picture of a cell", () => {
  it.each(every)("%s is tidy: nothing overlaps, and nothing runs through a box", async (_, of) => {
    const picture = read(await draw(of));
    expect(picture.title).toBe(`The cell ${of.name}`);
    expectTidy(picture);
    const { state } = of.parts(8, 8);
    const labels = picture.labels.map(({ text }) => text);
    for (const part of Object.keys(state)) {
      expect(labels).toContain(`${part}t`);
      // No equation of an mLSTM reads h.
      expect(labels.includes(`${part}t−1`)).toBe(!(of.name === "mlstm" && part === "h"));
    }
  });

  it.each([
    ["lstm", "c", ["×", "+"]],
    ["gru", "h", ["×", "+"]],
    ["textbook-gru", "h", ["×", "+"]],
    ["lstm-peephole", "c", ["×", "+"]],
  ] as const)("the state of %s runs straight through %s", async (name, state, through) => {
    const { shapes, lines } = read(await draw(cells[name]));
    const passed: string[] = [];
    let at = `state ${state}`;
    while (at !== `next ${state}`) {
      const line = lines.find(({ from, isState }) => from === at && isState);
      if (!line) throw new Error(`the line of ${state} ends at ${at}`);
      expect(isStraight(line)).toBe(true);
      expect(new Set(line.points.map(([, y]) => y)).size).toBe(1);
      at = line.to;
      passed.push(...shapes.filter(({ id }) => id === at).map(({ text }) => text));
    }
    expect(passed).toEqual(through);
  });

  it("x enters from below, the output leaves above, states pass from left to right", async () => {
    const { height, lines } = read(await draw(lstm));
    const ends = (id: string) =>
      lines.flatMap(({ from, to, points }) =>
        from === id ? [points[0]] : to === id ? [points.at(-1)] : [],
      ) as [number, number][];
    expect(ends("x").every(([, y]) => y > height - 60)).toBe(true);
    expect(ends("y").every(([, y]) => y < 60)).toBe(true);
    const [enters] = ends("state h") as [[number, number]];
    const [exits] = ends("next h") as [[number, number]];
    expect(enters[0]).toBeLessThan(exits[0]);
    expect(enters[1]).toBe(exits[1]);
  });

  it("is the same whether the cell is drawn or a layer of it", async () => {
    const options = { view: "cell", title: "one" } as const;
    for (const name of ["lstm", "gru", "textbook-lstm", "lstm-layer-norm"] as const) {
      const layer = recurrent(cells[name], 8, 8, { layers: 2, direction: "both" });
      expect(await draw(layer, options)).toBe(await draw(cells[name], options));
    }
  });

  it("escapes what has a meaning in XML", async () => {
    const picture = read(await draw(cell('<&">', cells.rnn.parts, cells.rnn.step)));
    expect(picture.title).toBe('The cell <&">');
  });

  it("names what is wrong with a cell", async () => {
    const broken = cell(
      "broken",
      (_, hidden) => ({ state: { h: hidden }, weights: {} }),
      (_, { h }, x) => ({ h: concat(h, tanh(x)) }),
    );
    await expect(draw(broken)).rejects.toThrow(/cell broken: the step gives \(B, 16\) for the state h/);
  });
});

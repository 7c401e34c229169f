// What a report says and shows: the row that is meant, up to its end; each step by its name; gradients by how far back they reach, in numbers.
import { expect, it } from "vitest";
import { alignmentsOf, attentionSvg } from "../../../src/draw/report/attention-svg.ts";
import { layersOf, rowsOf } from "../../../src/draw/report/inspected-layer.ts";
import { type NamedSteps, stepsOf } from "../../../src/draw/report/named-steps.ts";
import { lagLines, reachOf } from "../../../src/draw/report/report.ts";
import { stepsSvg } from "../../../src/draw/report/steps-svg.ts";
import { read } from "../picture.ts";
import { falling, nothing, steps } from "./example.ts";

const { NaN: nan } = Number;
const words: NamedSteps = { path: "", unit: "words", names: ["the", "cat", "<sat>"] };

it("steps are those of the longest path that a layer stands below", () => {
  const named = [
    words,
    { path: "encoder", unit: "tokens", names: ["a"] },
    { path: "encoder.top", unit: "tops", names: ["b"] },
  ];
  const unit = (name: string) => stepsOf(named, name)?.unit;
  expect(
    ["rnn.l0", "encoder.l0", "encoder", "encoder#2.l0", "encoder.top.l0", "encoders.l0"].map(unit),
  ).toEqual(["words", "tokens", "tokens", "tokens", "tops", "words"]);
  expect(stepsOf([named[1] as NamedSteps], "decoder")).toBeUndefined();
});

it("values are those of one row, unit by unit, up to where it ends", () => {
  const of = (t: number, b: number, unit: number) => (b === 1 && t === 2 ? nan : 100 * b + 10 * t + unit);
  const all = steps([3, 2, 2], of);
  expect(rowsOf(all, 0)).toEqual([
    [0, 10, 20],
    [1, 11, 21],
  ]);
  expect(rowsOf(all, 1)).toEqual([
    [100, 110],
    [101, 111],
  ]);
});

it("layers have states before gates, gates from 0 to 1, what has a sign around 0, and names for all steps", () => {
  const found = {
    ...nothing,
    gates: {
      "rnn.l0.f": { ...steps([3, 1, 2], () => 0.25), squashing: "sigmoid" as const },
      "rnn.l0.g": { ...steps([3, 1, 2], () => 0.5), squashing: "tanh" as const },
      "rnn.l0.i": steps([3, 1, 2], (t) => [0.5, 3, Number.POSITIVE_INFINITY][t] as number),
    },
    states: { "rnn.l0.h": steps([3, 1, 2], (t) => t - 1), "spelling.l0.h": steps([3, 2, 1], (_, b) => b) },
    gradients: { "rnn.l0.input": falling(3, 0.5), "rnn.l0.h": falling(3, 0.1) },
  };
  const [layer, spelling] = layersOf(found, [
    words,
    { path: "spelling", unit: "characters", names: ["x"], row: 1 },
  ]);
  expect(layer?.name).toBe("rnn.l0");
  expect(layer?.parts.map(({ name, kind }) => [name, kind])).toEqual([
    ["h", "state"],
    ["f", "sigmoid"],
    ["g", "tanh"],
    ["i", "gate"],
  ]);
  expect(layer?.parts.map(({ heat }) => heat.reach ?? heat.signed)).toEqual([true, [0, 1], true, undefined]);
  expect(layer?.gradients).toEqual([
    { name: "input", steps: [0.25, 0.5, 1] },
    { name: "h", steps: [0.1 ** 2, 0.1, 1] },
  ]);
  expect(spelling?.parts[0]?.heat.rows).toEqual([[1, 1, 1]]);
  expect(spelling?.steps.names).toEqual(["x", "2", "3"]);
  const svg = stepsSvg(layer as NonNullable<typeof layer>);
  read(svg);
  const shown = [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
  expect(shown).toEqual([
    ...["the", "cat", "&#60;sat&#62;", "|dL/dinput|", "|dL/dh|"],
    ...[
      "h",
      "state, -1 to 1",
      "2 units",
      "f",
      "sigmoid, 0 to 1",
      "2 units",
      "g",
      "tanh, 0 to 0.5",
      "2 units",
      "i",
      "gate, 0.5 to 3",
      "2 units",
    ],
  ]);
});

it("numbers that are read stand above, as lines or of many as a heat map", () => {
  const channel = (name: string) => ({ name, values: [1, nan, 3] });
  const picture = (count: number) => {
    const channels = Array.from({ length: count }, (_, at) => channel(`c${at}`));
    const [layer] = layersOf({ ...nothing, states: { "rnn.l0.h": steps([3, 1, 1], () => 1) } }, [
      { ...words, channels },
    ]);
    return stepsSvg(layer as NonNullable<typeof layer>);
  };
  read(picture(2));
  expect(picture(2).match(/data-line="c/g)).toHaveLength(2);
  expect(picture(5)).not.toContain("data-line");
  expect(picture(5)).toContain('data-part="input"');
});

it("names of many steps are those for which there is room; characters stand together", () => {
  const namesIn = (names: string[]) => {
    const heat = { name: "h", rows: [names.map(() => 1)] };
    const svg = stepsSvg({
      ...{ name: "rnn", gradients: [], steps: { path: "", unit: "x", names } },
      parts: [{ name: "h", kind: "state", heat }],
    });
    read(svg);
    return [...svg.matchAll(/rotate[^>]*>([^<>]+)<\/text>/g)].map(([, text]) => text as string);
  };
  const text = "To be, or not to be, that is the question.\n".repeat(12);
  const shown = namesIn([...text]);
  expect(shown.length).toBeLessThan(70);
  expect(shown.join("")).toBe(text.replaceAll(" ", "␣").replaceAll("\n", "↵"));
  const times = namesIn(Array.from({ length: 300 }, (_, at) => `2026-01-01 ${at}`));
  expect(times.length).toBeLessThan(70);
  expect(times[0]).toBe("2026-01-01\u00A00");
});

it("gradients of states are told by how far back they reach, of inputs not", () => {
  const gradients = {
    "rnn.l0.input": falling(5, 1),
    "rnn.l0.h": { steps: [], lags: [1, 0.5, 0, nan] },
  };
  const report = { title: "", about: [], steps: [], found: { ...nothing, gradients } };
  expect(lagLines(report)).toEqual([{ name: "rnn.l0.h", x: [0, 1, 2, 3], y: [1, 0.5, nan, nan] }]);
  const last = { gradients: { "rnn.l0.c": falling(2, 0.5) } };
  expect(lagLines({ ...report, last }).map(({ name }) => name)).toEqual(["rnn.l0.c"]);
  const told = (y: number[]) => reachOf({ name: "h", x: y.map((_, at) => at), y });
  expect(told([1, 0.1, 0.02, 0.005, 0.001])).toBe(
    "h: below 1 % of the largest from 3 steps back on; 0.001 of it is left 4 steps back, the farthest.",
  );
  expect(told([1, 0.001, nan])).toBe(
    "h: below 1 % of the largest from 1 step back on; nothing is left 2 steps back, the farthest.",
  );
  expect(told([0.5, 1, 0.25])).toBe("h: still 25 % of the largest 2 steps back, the farthest.");
  expect(told([1, 200, 4e7])).toBe("h: the gradient grows to 4.0e+7 times as much 2 steps back.");
  expect(told([nan, nan])).toBe("h: no error reaches it.");
});

it("attention is that of the row, head by head, as far as there are words; of many words a heat map", () => {
  const [T, B, heads, S] = [2, 2, 2, 4];
  const data = Float32Array.from({ length: T * B * heads * S }, (_, at) => {
    const [head, row] = [Math.floor(at / S) % heads, Math.floor(at / (S * heads)) % B];
    return row === 1 && at % S < 3 ? (head + 1) / 8 : 0;
  });
  const named = [{ ...words, row: 1, memory: ["le", "chat", "assis"] }];
  const found = { ...nothing, attention: { "decoder.attention": { shape: [T, B, heads, S], data } } };
  const [first, second] = alignmentsOf(found, named);
  expect(first).toEqual({
    title: "decoder.attention, head 1",
    source: ["le", "chat", "assis"],
    target: ["the", "cat"],
    weights: [
      [1 / 8, 1 / 8, 1 / 8],
      [1 / 8, 1 / 8, 1 / 8],
    ],
  });
  expect(second?.weights).toEqual([
    [1 / 4, 1 / 4, 1 / 4],
    [1 / 4, 1 / 4, 1 / 4],
  ]);
  const many = Array.from({ length: 200 }, (_, at) => `w${at}`);
  const large = attentionSvg({
    title: "a",
    source: many,
    target: many,
    weights: many.map(() => many.map(() => 0.005)),
  });
  read(large);
  expect(large).toContain('data-heat="attention"');
  expect(large.length).toBeLessThan(200_000);
});

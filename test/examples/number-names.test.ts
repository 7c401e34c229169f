// The names of numbers, the decoder that writes one after another, and short trainings of the examples that use them.
import { compile, DataError, initialize, type Tensor, value } from "rondo";
import { describe, expect, it } from "vitest";
import { Alphabet, decoder, END, greedy, START, teacherForcing } from "../../examples/decoder.ts";
import { readNames } from "../../examples/encoder-decoder.ts";
import { drawNumbers, nameOf } from "../../examples/number-names.ts";
import { nameNumbers } from "../../examples/one-to-many.ts";

describe("names of numbers", () => {
  it("are English", () => {
    const names = {
      0: "zero",
      13: "thirteen",
      20: "twenty",
      47: "forty-seven",
      100: "one hundred",
      918: "nine hundred eighteen",
      1000: "one thousand",
      12005: "twelve thousand five",
      340300: "three hundred forty thousand three hundred",
      999999: "nine hundred ninety-nine thousand nine hundred ninety-nine",
    };
    for (const [number, name] of Object.entries(names)) expect(nameOf(Number(number))).toBe(name);
  });

  it("differ from number to number", () => {
    expect(new Set(Array.from({ length: 30_000 }, (_, number) => nameOf(number))).size).toBe(30_000);
  });

  it("are drawn without repetition, the small as often as the large", () => {
    const drawn = drawNumbers(500, 100, 1_000_000, 3);
    expect(new Set(drawn).size).toBe(500);
    expect(drawn.every((number) => Number.isInteger(number) && number >= 100 && number < 1_000_000)).toBe(
      true,
    );
    const withDigits = [3, 4, 5, 6].map((digits) => drawn.filter((n) => String(n).length === digits).length);
    expect(Math.min(...withDigits)).toBeGreaterThan(80);
    expect(drawNumbers(500, 100, 1_000_000, 3)).toEqual(drawn);
    expect(drawNumbers(500, 100, 1_000_000, 4)).not.toEqual(drawn);
  });
});

describe("a decoder", () => {
  it("reads what it shall write one step later", () => {
    const { inputs, targets } = teacherForcing([[5, 6], [7]]);
    expect(inputs).toEqual({ data: Int32Array.of(START, START, 5, 7, 6, 0), shape: [3, 2] });
    expect(targets).toEqual({ data: Int32Array.of(5, 7, 6, END, END, -1), shape: [3, 2] });
  });

  it("spells texts in its alphabet", () => {
    const alphabet = new Alphabet("abc");
    expect(alphabet.size).toBe(5);
    expect(alphabet.encode("cab")).toEqual([4, 2, 3]);
    expect(alphabet.decode([4, 2, 3])).toBe("cab");
    const words = new Alphabet(["a", "red", "circle"], " ");
    expect(words.encode("a red circle")).toEqual([2, 3, 4]);
    expect(words.decode(Int32Array.of(2, 4))).toBe("a circle");
    expect(() => words.encode("a blue circle")).toThrow(DataError);
  });

  it("writes the likeliest token after what it wrote, until END or the limit", () => {
    const [tokens, hidden, batch, limit] = [4, 8, 60, 5];
    const model = initialize(decoder(tokens, hidden), { seed: 2 });
    const states = Float32Array.from({ length: batch * hidden }, (_, at) => 3 * Math.sin(at * at));
    const h = value(states, [1, batch, hidden]);
    const written = greedy(model, limit)(h).map(({ tokens }) => [...tokens]);
    const scores = compile(
      ({ inputs, h }: { inputs: Tensor; h: Tensor }) => model.apply(inputs, { state: { h } }).logits,
    );
    const lengths = new Set(written.map(({ length }) => length));
    expect(lengths.has(limit) && lengths.size > 1).toBe(true);
    written.forEach((row, b) => {
      const read = Int32Array.of(START, ...row);
      const start = value(states.slice(b * hidden, (b + 1) * hidden), [1, 1, hidden]);
      const { data } = scores({ inputs: value(read, [read.length, 1]), h: start });
      const expected = Array.from(read, (_, t) => {
        const step = data.slice(t * tokens, (t + 1) * tokens);
        return step.indexOf(Math.max(...step));
      });
      expect(row).toEqual(expected.slice(0, row.length));
      if (row.length < limit) expect(expected.at(-1)).toBe(END);
    });
  });
});

describe("short trainings", () => {
  it("one to many: writes names of numbers, the same with the same seed", async () => {
    const options = { training: 300, test: 40, hidden: 48, batch: 32, epochs: 24, learningRate: 0.01 };
    const { samples } = await nameNumbers(options);
    const names = new Set(Array.from({ length: 1000 }, (_, number) => nameOf(number)));
    expect(samples.filter(([, name]) => names.has(name as string)).length).toBeGreaterThan(25);
    expect((await nameNumbers(options)).samples).toEqual(samples);
  });

  it("encoder and decoder: read names that they were not taught", async () => {
    const options = {
      training: 700,
      test: 100,
      below: 1000,
      hidden: 48,
      batch: 32,
      epochs: 15,
      learningRate: 0.01,
    };
    expect((await readNames(options)).accuracy).toBeGreaterThan(0.5);
  });
});

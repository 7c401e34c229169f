/** A recurrent network beside what sees all steps at once: what each learns, carries further than it was trained for, and costs. */

import { numbers, whole } from "../../options/kinds.ts";
import { type CompletedOptions, option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { type Check, experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { alternativesFigure } from "./figure.ts";
import {
  COST_BATCH,
  type Cost,
  type Foretold,
  type Kept,
  measureCost,
  measureParity,
  measureRecall,
  measureSine,
  type Odd,
} from "./measure.ts";
import { type NetworkName, networkNames } from "./models.ts";

const options = {
  hidden: option(whole({ from: 1 }), { default: 144, help: "units of the GRU", argument: "units" }),
  channels: option(whole({ from: 4 }), {
    default: 64,
    help: "channels of each convolution and size of the Transformer, a multiple of its 4 heads",
    argument: "units",
  }),
  batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
  tests: option(whole({ from: 1 }), { default: 500, help: "sequences to measure on", argument: "rows" }),
  delay: option(whole({ from: 1 }), {
    default: 100,
    help: "steps over which a cue is to be kept",
    argument: "steps",
  }),
  recallUpdates: option(whole({ from: 1 }), { default: 200, help: "updates of recall" }),
  parityLength: option(whole({ from: 1 }), {
    default: 16,
    help: "bits of parity in training; the test has four times as many",
    argument: "steps",
  }),
  parityUpdates: option(whole({ from: 1 }), { default: 500, help: "updates of parity" }),
  sineLength: option(whole({ from: 1 }), { default: 40, help: "steps of the noisy sine", argument: "steps" }),
  sineUpdates: option(whole({ from: 1 }), { default: 300, help: "updates of the noisy sine" }),
  lengths: option(numbers({ from: 2 }), {
    default: [64, 128, 256, 512, 1024],
    help: "lengths of the sequences for which an update's memory and time are measured",
    argument: "steps",
  }),
};
export type AlternativesSettings = CompletedOptions<typeof options>;

/** Those that see all steps at once. */
const parallel = ["TCN", "Transformer"] as const;
type Measured = Kept | Odd | Foretold | Cost;

export const alternatives = experiment({
  name: "alternatives",
  title: "Alternatives that are parallel in time",
  claim:
    "Convolutions and attention reach far back in one step and see all steps at once; a state that is carried on does what they cannot.",
  seconds: 100,
  options,
  trials(settings, seed) {
    const measures = { recall: measureRecall, parity: measureParity, sine: measureSine, cost: measureCost };
    return Object.entries(measures).flatMap(([what, measure]) =>
      networkNames.map((name) => ({
        name: `${what}, ${name}`,
        run: (context: TrialContext): Measured | Promise<Measured> =>
          measure(name, { settings, seed, context }),
      })),
    );
  },
  conclude(measured: readonly MeasuredTrial<Measured>[], settings) {
    const { delay, parityLength, lengths } = settings;
    const of = <Found>(what: string, name: NetworkName, found: (one: never) => Found) =>
      ofTrial(measured, `${what}, ${name}`, (one) => found(one as never));
    const kept = (name: NetworkName) => of("recall", name, ({ accuracy }: Kept) => accuracy);
    const odd = (name: NetworkName, length: number) =>
      of("parity", name, ({ byLength }: Odd) => byLength[length - 1] ?? null);
    const error = (name: NetworkName) => of("sine", name, ({ byStep }: Foretold) => byStep.at(-1) ?? null);
    const costs = (name: NetworkName) => of("cost", name, (one: Cost) => one);
    const four = 4 * parityLength;
    const [shorter, longest] = lengths.slice(-2);
    const doubles = shorter !== undefined && longest === 2 * shorter;
    /** How many times the bytes at the longest sequences, against those before. */
    const growth = (name: NetworkName) => costs(name).map(({ bytes }) => ratio(bytes.at(-1), bytes.at(-2)));
    /** The shortest milliseconds of all seeds at each length. */
    const times = (name: NetworkName) =>
      lengths.map((_, at) => {
        const all = costs(name).flatMap(({ milliseconds }) => milliseconds[at] ?? []);
        return all.length > 0 ? Math.min(...all) : null;
      });
    const [before, after] = times("Transformer").slice(0, 2);
    const [before2, after2] = times("Transformer").slice(-2);
    const growthChecks = networkNames.map((name) => {
      const claim = `memory of an update from ${shorter} to ${longest} steps: ${name}`;
      return name === "Transformer" ? above(claim, growth(name), 3) : below(claim, growth(name), 2.2);
    });
    const checks: Check[] = [
      below(`recall after ${delay} steps: the GRU has not learnt it`, kept("GRU"), 0.4),
      ...parallel.map((name) => above(`recall after ${delay} steps: the ${name} has`, kept(name), 0.95)),
      above(`parity of ${parityLength} bits: the GRU`, odd("GRU", parityLength), 0.95),
      ...parallel.map((name) =>
        below(`parity of ${parityLength} bits: the ${name}`, odd(name, parityLength), 0.97),
      ),
      above(`parity of ${four} bits, never seen in training: the GRU`, odd("GRU", four), 0.95),
      ...parallel.map((name) => below(`parity of ${four} bits: the ${name} guesses`, odd(name, four), 0.6)),
      below("noisy sine: error of the GRU at the last step", error("GRU"), 0.09, 3),
      above(
        "noisy sine: error of the Transformer, as a part of the GRU's",
        error("Transformer").map((one, at) => ratio(one, error("GRU")[at])),
        1,
      ),
      ...(doubles ? growthChecks : []),
    ];
    const bytes = (name: NetworkName) => costs(name)[0]?.bytes ?? lengths.map(() => null);
    return {
      tables: [
        {
          title: "How many are right, and the error of the sine",
          columns: [
            "network",
            "weights",
            `recall, ${delay} steps`,
            `parity, ${parityLength} bits`,
            `parity, ${four} bits`,
            "noisy sine, RMS",
          ],
          rows: networkNames.map((name) => [
            name,
            String(of("recall", name, ({ weights }: Kept) => weights)[0] ?? ""),
            listed(kept(name)),
            listed(odd(name, parityLength)),
            listed(odd(name, four)),
            listed(error(name), 3),
          ]),
        },
        {
          title: `Memory of an update of ${COST_BATCH} sequences, MiB`,
          columns: ["network", ...lengths.map((length) => `${length} steps`)],
          rows: networkNames.map((name) => [name, ...bytes(name).map((one) => shown(one && one / 2 ** 20))]),
        },
        {
          title: `Time of an update of ${COST_BATCH} sequences, ms, the shortest`,
          columns: ["network", ...lengths.map((length) => `${length} steps`)],
          rows: networkNames.map((name) => [name, ...times(name).map(shown)]),
        },
      ],
      checks,
      notShown: [
        {
          claim: "what is parallel in time is faster",
          found: `on few cores it need not be: an update of ${lengths[0]} steps takes ${networkNames.map((name) => `the ${name} ${shown(times(name)[0])} ms`).join(", ")}`,
        },
        ...(doubles
          ? [
              {
                claim: "a Transformer's time grows with the square of the length from the start",
                found: `from ${lengths[0]} to ${lengths[1]} steps it takes ${shown(ratio(after, before))} times as long, from ${shorter} to ${longest} ${shown(ratio(after2, before2))} times`,
              },
            ]
          : []),
      ],
      figure: alternativesFigure(settings, {
        odd: (name) => of("parity", name, ({ byLength }: Odd) => byLength),
        error: (name) => of("sine", name, ({ byStep }: Foretold) => byStep),
        bytes,
        times,
      }),
    };
  },
});

type Known = number | null | undefined;

const ratio = (a: Known, b: Known) => (typeof a === "number" && typeof b === "number" ? a / b : null);

/** With a digit behind the point; nothing where it is not known. */
const shown = (one: Known) => one?.toFixed(1) ?? "";

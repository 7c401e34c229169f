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
  seconds: 90,
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
    /** How many times the memory, and the time, for the longest sequences against the ones before, seed by seed. */
    const growth = (name: NetworkName, found: (cost: Cost) => readonly (number | null)[]) =>
      costs(name).map((cost) => {
        const [before = null, last = null] = found(cost).slice(-2);
        return before === null || last === null ? null : last / before;
      });
    const memory = (name: NetworkName) => growth(name, ({ bytes }) => bytes);
    const time = (name: NetworkName) => growth(name, ({ milliseconds }) => milliseconds);
    const [shorter, longest] = lengths.slice(-2);
    const doubles = shorter !== undefined && longest === 2 * shorter;
    const growthChecks = networkNames.map((name) => {
      const claim = `memory of an update from ${shorter} to ${longest} steps: ${name}`;
      return name === "Transformer" ? above(claim, memory(name), 3) : below(claim, memory(name), 2.2);
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
    const mebibytes = (bytes: number | null) => (bytes === null ? null : bytes / 2 ** 20);
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
          rows: networkNames.map((name) => [
            name,
            ...lengths.map((_, at) => {
              const [one] = costs(name);
              return one ? listed([mebibytes(one.bytes[at] ?? null)], 1) : "";
            }),
          ]),
        },
        {
          title: `Time of an update of ${COST_BATCH} sequences, ms`,
          columns: ["network", ...lengths.map((length) => `${length} steps`)],
          rows: networkNames.map((name) => [
            name,
            ...lengths.map((_, at) =>
              listed(
                costs(name).map(({ milliseconds }) => milliseconds[at] ?? null),
                1,
              ),
            ),
          ]),
        },
      ],
      checks,
      notShown: [
        ...(doubles
          ? [
              {
                claim: "a Transformer's time grows with the square of the length",
                found: `twice as many steps take ${listed(time("Transformer"), 1)} times as long from ${shorter} to ${longest} (a GRU's ${listed(time("GRU"), 1)}), less before: most of the work is still in its matrices`,
              },
            ]
          : []),
        {
          claim: "what is parallel in time is faster",
          found: `on few cores it is not: an update of ${lengths[0]} steps takes the GRU ${listed(costs("GRU").map(first), 1)} ms, the TCN ${listed(costs("TCN").map(first), 1)}, the Transformer ${listed(costs("Transformer").map(first), 1)}`,
        },
      ],
      figure: alternativesFigure(settings, {
        odd: (name) => of("parity", name, ({ byLength }: Odd) => byLength),
        error: (name) => of("sine", name, ({ byStep }: Foretold) => byStep),
        costs,
      }),
    };
  },
});

const first = ({ milliseconds }: Cost) => milliseconds[0] ?? null;

const ratio = (a: number | null, b: number | null | undefined) =>
  a === null || b === null || b === undefined ? null : a / b;

/** Truncated backpropagation through time: what lies further back than the gradient reaches is not learnt, whatever the state carries. */

import { UsageError } from "../../errors.ts";
import { numbers, real, whole } from "../../options/kinds.ts";
import { type CompletedOptions, option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { experiment, type MeasuredTrial } from "../experiment.ts";
import { listed, ofTrial } from "../seeds.ts";
import { measureTruncated, type TruncatedMeasured } from "./measure.ts";

const options = {
  length: option(whole({ from: 2 }), { default: 100, help: "steps of a sequence", argument: "steps" }),
  delays: option(numbers({ from: 1, whole: true }), {
    default: [8, 12],
    help: "how many steps ago the bit came that is asked for",
    argument: "steps",
  }),
  rounds: option(numbers({ from: 1, whole: true, repeat: true }), {
    default: [200, 400],
    help: "times that new sequences come, for each of the delays",
  }),
  windows: option(numbers({ from: 1, whole: true }), {
    default: [5, 10, 25],
    help: "steps after which the gradient is cut, beside the whole sequence",
    argument: "steps",
  }),
  hidden: option(whole({ from: 1 }), { default: 32, help: "units of the GRU", argument: "units" }),
  batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
  learningRate: option(real({ above: 0 }), { default: 0.005, help: "learning rate", argument: "rate" }),
};

const nameOf = (delay: number, window: number) => `delay ${delay}, cut every ${window}`;

/** The windows, and at last the whole sequence. */
function windowsOf({ windows, length }: CompletedOptions<typeof options>): number[] {
  return [...windows.filter((window) => window < length), length];
}

export const truncated = experiment({
  name: "truncated",
  title: "Truncated backpropagation",
  claim:
    "Cutting the gradient every k steps makes long sequences cheap, but what came more than k steps ago is not learnt.",
  seconds: 15,
  options,
  trials(settings, seed) {
    const { delays, rounds, length, hidden, batch, learningRate } = settings;
    if (rounds.length !== delays.length) {
      throw new UsageError(
        `experiment truncated: rounds ${rounds.join(", ")} given, one number for each of the delays ${delays.join(", ")} expected`,
      );
    }
    const late = delays.find((delay) => delay >= length);
    if (late !== undefined) {
      throw new UsageError(
        `experiment truncated: delay ${late} given, less than the length ${length} expected`,
      );
    }
    return delays.flatMap((delay, at) =>
      windowsOf(settings).map((window) => ({
        name: nameOf(delay, window),
        run: (context) =>
          measureTruncated(
            { length, delay, window, rounds: rounds[at] as number, hidden, batch, rate: learningRate },
            seed,
            context,
          ),
      })),
    );
  },
  conclude(measured: readonly MeasuredTrial<TruncatedMeasured>[], settings) {
    const { delays, length } = settings;
    const windows = windowsOf(settings);
    const accuracy = (delay: number, window: number) =>
      ofTrial(measured, nameOf(delay, window), (one) => one.accuracy);
    const updates = (delay: number, window: number) =>
      String(ofTrial(measured, nameOf(delay, window), (one) => one.updates)[0] ?? "");
    const short = windows.flatMap((window) =>
      delays.filter((delay) => window < delay).map((delay) => ({ delay, window })),
    );
    // Where each part of a sequence sees enough bits together with what is asked for.
    const long = windows.filter((window) => window < length && window >= 2 * Math.max(...delays));
    const all = (cases: readonly { delay: number; window: number }[]) =>
      cases.flatMap(({ delay, window }) => accuracy(delay, window));
    const wholes = delays.map((delay) => ({ delay, window: length }));
    return {
      tables: delays.map((delay) => ({
        title: `The bit ${delay} steps ago: accuracy on fresh sequences (chance 0.5)`,
        columns: ["gradient cut every", "accuracy", "updates"],
        rows: windows.map((window) => [
          window === length ? `${length} (whole)` : String(window),
          listed(accuracy(delay, window)),
          updates(delay, window),
        ]),
      })),
      checks: [
        ...(short.length > 0 ? [below("cut sooner than the delay: it is not learnt", all(short), 0.7)] : []),
        ...long.map((window) =>
          above(`cut every ${window}: it is learnt`, all(delays.map((delay) => ({ delay, window }))), 0.95),
        ),
        above("the whole sequence: it is learnt", all(wholes), 0.8),
      ],
      notShown: long.slice(-1).map((window) => ({
        claim: "the whole sequence is best",
        found: `with the same sequences it makes fewer updates: ${listed(all(wholes))} against ${listed(all(delays.map((delay) => ({ delay, window }))))} when cut every ${window}`,
      })),
      figure: {
        title: "A delayed copy, the gradient cut every k steps",
        panels: [
          {
            x: { label: "gradient cut every k steps" },
            y: { label: "accuracy", domain: [0, 1] },
            bars: windows.flatMap((window) =>
              delays.map((delay) => ({
                group: window === length ? "whole" : `k = ${window}`,
                name: `delay ${delay}`,
                values: accuracy(delay, window),
              })),
            ),
            rules: [{ axis: "y", at: 0.5, label: "chance" }],
          },
        ],
      },
    };
  },
});

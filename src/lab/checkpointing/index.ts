/** Checkpoints along time: to keep a state every so many steps, and to compute the others again on the way back. */

import { UsageError } from "../../errors.ts";
import { numbers, whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { ofTrial } from "../seeds.ts";
import { type Cost, measureCosts } from "./measure.ts";

const options = {
  lengths: option(numbers({ from: 4, whole: true }), {
    default: [64, 256, 1024, 4096],
    help: "steps of sequences, ascending",
    argument: "steps",
  }),
  length: option(whole({ from: 4 }), {
    default: 1024,
    help: "steps of the sequence for which states are kept at several distances",
    argument: "steps",
  }),
  distances: option(numbers({ from: 1, whole: true }), {
    default: [4, 8, 16, 32, 64, 128, 256],
    help: "steps after which a state is kept",
    argument: "steps",
  }),
  hidden: option(whole({ from: 1 }), { default: 64, help: "units of the LSTM", argument: "units" }),
  batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
  times: option(whole({ from: 1 }), { default: 7, help: "updates whose shortest time counts" }),
};

const lengthOf = (length: number) => `${length} steps`;
const several = "several distances";
const root = (length: number) => Math.round(Math.sqrt(length));
/** Of a picture: bytes as MiB. */
const inUnit = (cost: Cost, of: "bytes" | "milliseconds") =>
  of === "bytes" ? mebibytes(cost.bytes) : cost.milliseconds;
const zeroTo = (values: readonly number[]): readonly [number, number] => [0, 1.1 * Math.max(1, ...values)];
const mebibytes = (bytes: number) => bytes / 2 ** 20;

export const checkpointing = experiment({
  name: "checkpointing",
  title: "Memory for backpropagation through time",
  claim:
    "All states of a long sequence take memory that grows as its length; a state every √T steps takes about √T of it, for up to a third more time.",
  seconds: 15,
  random: false,
  options,
  trials({ lengths, length, distances, hidden, batch, times }) {
    if (lengths.some((steps, at) => at > 0 && steps <= (lengths[at - 1] as number))) {
      throw new UsageError(
        `experiment checkpointing: lengths ${lengths.join(", ")} given, ascending ones expected`,
      );
    }
    return [
      ...lengths.map((steps) => ({
        name: lengthOf(steps),
        run: (context: TrialContext) =>
          measureCosts(
            { length: steps, hidden, batch },
            [undefined, root(steps)],
            // A short update is soon disturbed, and soon repeated.
            times * Math.max(1, Math.round(1024 / steps)),
            context,
          ),
      })),
      {
        name: several,
        run: (context: TrialContext) =>
          measureCosts({ length, hidden, batch }, [undefined, ...distances], times, context),
      },
    ];
  },
  conclude(measured: readonly MeasuredTrial<readonly Cost[]>[], { lengths, length }) {
    const found = lengths.flatMap((steps) =>
      ofTrial(measured, lengthOf(steps), ([all, some]) => ({
        steps,
        all: all as Cost,
        some: some as Cost,
      })),
    );
    const [distances = []] = ofTrial(measured, several, (costs) => costs);
    const kept = distances.filter(({ every }) => every !== null);
    const least = kept.reduce<Cost | undefined>(
      (best, one) => (best && best.bytes <= one.bytes ? best : one),
      undefined,
    );
    const [before, longest] = found.slice(-2);
    const growth = (of: "all" | "some") => (before && longest ? [longest[of].bytes / before[of].bytes] : []);
    const times = before && longest ? longest.steps / before.steps : 1;
    const slower = found.map(({ all, some }) => some.milliseconds / all.milliseconds);
    const total = (of: "all" | "some") => found.reduce((sum, one) => sum + one[of].milliseconds, 0);
    const together = total("some") / total("all");
    const asLong = longest ? `${longest.steps} steps against ${before?.steps}` : "";
    return {
      tables: [
        {
          title: "An update: memory for what it computes, in MiB, and milliseconds",
          columns: ["steps", "all states", "every √T", "ms, all", "ms, every √T", "times as long"],
          rows: found.map(({ steps, all, some }, at) => [
            String(steps),
            mebibytes(all.bytes).toFixed(2),
            mebibytes(some.bytes).toFixed(2),
            all.milliseconds.toFixed(1),
            some.milliseconds.toFixed(1),
            (slower[at] as number).toFixed(2),
          ]),
        },
        {
          title: `${length} steps, a state kept every so many`,
          columns: ["every", "MiB", "ms"],
          rows: distances.map(({ every, bytes, milliseconds }) => [
            every === null ? "1 (all)" : String(every),
            mebibytes(bytes).toFixed(2),
            milliseconds.toFixed(1),
          ]),
        },
      ],
      checks: [
        above(`all states: memory, ${asLong}`, growth("all"), 0.85 * times),
        below(`every √T: memory, ${asLong}`, growth("some"), 1.1 * Math.sqrt(times)),
        below("every √T: times as long as with all states, all lengths together", [together], 1.6),
      ],
      notShown: [
        {
          claim: "to compute the states again takes a third more time",
          found: `${slower.map((ratio) => ratio.toFixed(2)).join(", ")} times as long for ${found.map(({ steps }) => steps).join(", ")} steps: what is not kept need not be written to memory and read back`,
        },
        ...(least
          ? [
              {
                claim: "a state every √T steps takes the least memory",
                found: `of ${length} steps, √T = ${root(length)}, the least is ${mebibytes(least.bytes).toFixed(2)} MiB with one every ${least.every}: within a part each step keeps more than its state`,
              },
            ]
          : []),
      ],
      figure: {
        title: "An update of an LSTM over long sequences",
        panels: [
          {
            title: "Memory",
            x: { label: "steps", scale: "log" },
            y: { label: "MiB", scale: "log" },
            lines: (["all", "some"] as const).map((of) => ({
              name: of === "all" ? "all states kept" : "a state every √T steps",
              x: found.map(({ steps }) => steps),
              y: found.map((one) => mebibytes(one[of].bytes)),
            })),
          },
          {
            title: "Time",
            x: { label: "steps", scale: "log" },
            y: { label: "milliseconds", scale: "log" },
            lines: (["all", "some"] as const).map((of) => ({
              name: of === "all" ? "all states kept" : "a state every √T steps",
              x: found.map(({ steps }) => steps),
              y: found.map((one) => one[of].milliseconds),
            })),
          },
          ...(["bytes", "milliseconds"] as const).map((of) => ({
            title: `${length} steps: ${of === "bytes" ? "memory" : "time"} by how often a state is kept`,
            x: { label: "a state every so many steps", scale: "log" as const },
            y: {
              label: of === "bytes" ? "MiB" : "milliseconds",
              domain: zeroTo(kept.map((cost) => inUnit(cost, of))),
            },
            lines: [
              {
                name: "by distance",
                x: kept.map(({ every }) => every as number),
                y: kept.map((cost) => inUnit(cost, of)),
              },
            ],
            rules: [{ axis: "x" as const, at: root(length), label: "√T" }],
          })),
        ],
      },
    };
  },
});

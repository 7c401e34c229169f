/** `rondo explain`: why a network is fast or slow, by what its training step or its streaming step becomes. */

import { Command, Option } from "commander";
import type { BackendName } from "../backends/choice.ts";
import { UsageError } from "../errors.ts";
import { parameters } from "../nn/index.ts";
import { meanSquaredError } from "../nn/losses/index.ts";
import { jsonLine } from "../node/json-line.ts";
import { float32 } from "../program/compile.ts";
import { type Explanation, explain, printExplanation } from "../program/explain.ts";
import { stream } from "../program/stream.ts";
import type { TaskPrograms } from "../tasks/task.ts";
import { adam } from "../training/optimizers.ts";
import { trainingStep } from "../training/step.ts";
import { backendOption, givenBackend, number } from "./options.ts";
import { addSubject, isCellName, modelOf, type NetworkFlags, networkOf } from "./subject.ts";

const PROGRAMS = ["training", "stream"] as const;

interface Flags extends NetworkFlags {
  program: (typeof PROGRAMS)[number];
  batch?: number;
  window?: number;
  threads: number;
  backend: BackendName;
  json?: true;
}

export function explainCommand(): Command {
  return addSubject(new Command("explain"))
    .description(
      "The graph of a network's program, what each rewrite did to it, its loops, memory and arithmetic.",
    )
    .addOption(
      new Option(
        "--program <which>",
        "one update (around a cell: mean squared error, Adam, clipping), or one step of a stream",
      )
        .choices(PROGRAMS)
        .default("training"),
    )
    .option("--batch <rows>", "training: rows side by side (default: as trained, or 32)", number)
    .option("--window <steps>", "training: steps of an update (default: as trained, or 64)", number)
    .addOption(backendOption())
    .option("--threads <count>", "that the work is split over", number, 1)
    .option("--json", "print one line of JSON")
    .action((what: string, flags: Flags) => {
      const programs = isCellName(what)
        ? cellPrograms(networkOf(what, flags))
        : modelOf(what, flags).model.programs;
      const { program, batch = programs.batch, window = programs.window, threads, backend } = flags;
      givenBackend({ threads, backend });
      for (const [name, size] of Object.entries({ batch, window })) {
        if (!Number.isInteger(size) || size < 1)
          throw new UsageError(`${name} ${size}: expected a whole number from 1`);
      }
      for (const name of ["batch", "window"] as const) {
        if (program === "stream" && flags[name] !== undefined) {
          throw new UsageError(`--${name} is of a training: a stream takes one step of one row`);
        }
      }
      const compile = programs[program];
      if (!compile) throw new UsageError(`the model ${what} has no streaming step`);
      const [found] = explain({ ...programs.sizes, B: batch, T: window }, compile, { threads, backend }) as [
        Explanation,
      ];
      console.log(flags.json ? jsonLine(found) : printExplanation(found));
    });
}

function cellPrograms(network: ReturnType<typeof networkOf>): TaskPrograms {
  const { inputSize, outputSize } = network;
  return {
    batch: 32,
    window: 64,
    training: (backend) =>
      trainingStep({
        parameters: parameters({ network }),
        optimizer: adam(),
        clipNorm: 1,
        backend,
        inputs: { x: float32("T", "B", inputSize), y: float32("T", "B", outputSize) },
        loss: ({ x, y }) => meanSquaredError(network.apply(x).output, y),
      }),
    stream: (backend) =>
      stream(
        (x, before) => {
          const { output, state } = network.step(x, before as never);
          return [state, output];
        },
        { inputs: float32(1, inputSize), state: network.stateShapes(1), rows: 1, backend },
      ),
  };
}

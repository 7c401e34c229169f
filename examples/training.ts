// How examples train that take longer: with a line for each epoch, or in a folder, where a training that was stopped by Ctrl-C goes on.
import { join } from "node:path";
import type { Training, TrainingEvent, Validation } from "rondo";
import { trainInFolder } from "rondo/node";
import { Stopped } from "./command-line.ts";

export interface Run {
  /** What is trained, in a few letters: the name of its own folder. */
  readonly name: string;
  /** Where a training that was stopped goes on; without it there are no files. */
  readonly folder?: string | undefined;
  /** A line of what goes on. */
  readonly report?: ((line: string) => void) | undefined;
}

/** Runs a training to its end. Throws Stopped where it was told to end before. */
export async function train<Inputs, Carried, Found extends Validation>(
  training: Training<Inputs, Carried, Found>,
  { name, folder, report = () => {} }: Run,
): Promise<void> {
  if (folder !== undefined) {
    const path = join(folder, name);
    report(`${name}: in ${path}`);
    if ((await trainInFolder(training, path)) !== "interrupted") return;
    throw new Stopped(`stopped; the same command goes on from ${path}`);
  }
  await training.run({
    onEvent(event: TrainingEvent<Found>) {
      if (event.event !== "validation") return;
      const { epoch, seconds, loss } = event;
      report(
        `${name}, epoch ${epoch}/${training.epochs}: validation loss ${(loss as number).toFixed(4)}, ${seconds.toFixed(0)} s`,
      );
    },
  });
}

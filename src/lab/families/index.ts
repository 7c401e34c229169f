/** One network of each family, of about as many weights, on the same three tasks: each task has others that do it. */

import { whole } from "../../options/kinds.ts";
import { option } from "../../options/table.ts";
import { above, below } from "../bounds.ts";
import { type Check, experiment, type MeasuredTrial, type TrialContext } from "../experiment.ts";
import { listed, mean, ofTrial } from "../seeds.ts";
import { familiesFigure } from "./figure.ts";
import { type Learnt, learn, type Task, type Times, tasksOf, timeUpdates } from "./measure.ts";
import { type Family, families } from "./models.ts";

/** Two at least, so that a tree over the steps has an inner node. */
const steps = (standard: number, help: string) =>
  option(whole({ from: 2 }), { default: standard, help, argument: "steps" });
const updates = (standard: number, help: string) => option(whole({ from: 1 }), { default: standard, help });

/** As good as the best: at most so much less is right, in the mean over seeds. */
const AS_GOOD = 0.05;

export const familiesExperiment = experiment({
  name: "families",
  title: "Families of networks",
  claim: "No family of networks is the best at everything: what a task asks for decides.",
  seconds: 50,
  options: {
    weights: option(whole({ from: 1 }), {
      default: 10_000,
      help: "weights that each network has at most",
      argument: "count",
    }),
    batch: option(whole({ from: 1 }), { default: 32, help: "sequences of an update", argument: "rows" }),
    tests: option(whole({ from: 1 }), { default: 500, help: "sequences to measure on", argument: "rows" }),
    delay: option(whole({ from: 1 }), {
      default: 30,
      help: "steps over which a cue is to be kept",
      argument: "steps",
    }),
    recallUpdates: updates(400, "updates of recall"),
    parityLength: steps(16, "bits of parity in training; the test has four times as many"),
    parityUpdates: updates(400, "updates of parity"),
    tagLength: steps(20, "steps of the sequences with tags"),
    tagUpdates: updates(300, "updates of tags"),
  },
  trials(settings, seed) {
    const tasks = tasksOf(settings);
    return [
      ...tasks.flatMap((task) =>
        families.map((family) => ({
          name: `${task.short}, ${family}`,
          run: (context: TrialContext): Promise<Learnt | Times> =>
            learn(family, task, settings, seed, context),
        })),
      ),
      { name: "time", run: (context: TrialContext) => timeUpdates(tasks[2], settings, seed, context) },
    ];
  },
  conclude(measured: readonly MeasuredTrial<Learnt | Times>[], settings) {
    const tasks = tasksOf(settings);
    const [recall, parity, tags] = tasks;
    const learnt = (task: Task, family: Family) =>
      ofTrial(measured, `${task.short}, ${family}`, (one) => one as Learnt);
    const right = (task: Task, family: Family) => learnt(task, family).map(({ accuracy }) => accuracy);
    const times = ofTrial(measured, "time", (one) => (one as Times).milliseconds);
    const time = (family: Family) => times.map((all) => all[families.indexOf(family)] ?? null);
    /** The families that do a task as well as any other. */
    const best = (task: Task): readonly Family[] => {
      const means = families.map((family) => mean(right(task, family)));
      const most = Math.max(...means.filter(Number.isFinite));
      return families.filter((_, at) => (means[at] as number) >= most - AS_GOOD);
    };
    const ofAll = families.filter((family) => tasks.every((task) => best(task).includes(family)));
    const all = (
      bound: typeof above,
      task: Task,
      claim: string,
      names: readonly Family[],
      at: number,
    ): Check[] => names.map((family) => bound(`${task.short}: ${family} ${claim}`, right(task, family), at));
    const gated = ["LSTM", "GRU", "bidirectional GRU", "deep GRU"] as const;
    const ahead = ["bidirectional GRU", "convolutional", "Transformer", "recursive"] as const;
    const behind = ["feedforward", "RNN", "LSTM", "GRU", "deep GRU"] as const;
    return {
      tables: [
        {
          title: "The share that is right",
          columns: ["network", "weights", ...tasks.map(({ name }) => name), "ms an update"],
          rows: families.map((family) => [
            family,
            String(learnt(recall, family)[0]?.weights ?? ""),
            ...tasks.map((task) => listed(right(task, family))),
            listed(time(family), 1),
          ]),
        },
        {
          title: `As good as the best, within ${AS_GOOD}`,
          columns: ["task", "networks"],
          rows: tasks.map((task) => [task.name, best(task).join(", ")]),
        },
      ],
      checks: [
        {
          claim: "no network is as good as the best on all three tasks",
          found: ofAll.length === 0 ? "none is" : ofAll.join(", "),
          holds: ofAll.length === 0,
        },
        ...all(above, recall, "keeps the cue", ["convolutional", "Transformer"], 0.9),
        ...all(below, recall, "does not keep the cue", ["feedforward", ...gated], 0.8),
        ...all(above, parity, "counts on", gated, 0.95),
        ...all(
          below,
          parity,
          "does not count on",
          ["feedforward", "convolutional", "Transformer", "recursive"],
          0.8,
        ),
        ...all(above, tags, "sees what comes", ahead, 0.85),
        ...all(below, tags, "does not see what comes", behind, 0.75),
      ],
      notShown: [
        {
          claim: "the vanilla network is the weakest",
          found: `it keeps the cue for ${settings.delay} steps (${listed(right(recall, "RNN"))}) where the LSTM (${listed(right(recall, "LSTM"))}) and the GRU (${listed(right(recall, "GRU"))}) do not`,
        },
        {
          claim: "more layers do more",
          found: `three layers of GRU tell ${listed(right(recall, "deep GRU"))} of the cues, one tells ${listed(right(recall, "GRU"))}`,
        },
      ],
      figure: familiesFigure(tasks, { learnt, time }),
    };
  },
});

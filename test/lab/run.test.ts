import { expect, test } from "vitest";
import {
  type Conclusion,
  experiment,
  type MeasuredTrial,
  measurable,
  Stopped,
  stopIf,
} from "../../src/lab/experiment.ts";
import { printRun, printTable } from "../../src/lab/print.ts";
import { type KeptTrial, runExperiment } from "../../src/lab/run.ts";
import { real } from "../../src/options/kinds.ts";
import { option } from "../../src/options/table.ts";

/** Which trials ran. */
const ran: string[] = [];

const doubled = experiment({
  name: "doubled",
  title: "Doubling",
  claim: "Twice a number is more.",
  seconds: 1,
  options: { by: option(real({ above: 0 }), { default: 2, help: "the factor" }) },
  trials: ({ by }, seed) =>
    ["one", "ten"].map((name, at) => ({
      name,
      run({ progress, signal }) {
        stopIf(signal);
        ran.push(`${name} ${seed}`);
        progress(0.5);
        return { value: by * seed * 10 ** at };
      },
    })),
  conclude: (trials: readonly MeasuredTrial<{ readonly value: number }>[], { by }): Conclusion => ({
    tables: [
      {
        title: "Products",
        columns: ["case", "value"],
        rows: trials.map(({ name, seed, measured }) => [`${name} ${seed}`, String(measured.value)]),
      },
    ],
    checks: [{ claim: "more", found: `by ${by}`, holds: by > 1 }],
    notShown: [{ claim: "less", found: "never" }],
    figure: { title: "Doubling", panels: [{ x: { label: "x" }, y: { label: "y" } }] },
  }),
});

test("an experiment runs all its trials for each seed, and says what they show", async () => {
  ran.length = 0;
  const told: number[] = [];
  const found = await runExperiment(doubled, {
    settings: { by: 3 },
    seeds: [2, 1],
    backend: "reference",
    onProgress: ({ done, trials }) => told.push(done / trials),
  });
  expect(ran).toEqual(["one 2", "ten 2", "one 1", "ten 1"]);
  expect(found.trials.map(({ name, seed, measured }) => ({ name, seed, measured }))).toEqual([
    { name: "one", seed: 2, measured: { value: 6 } },
    { name: "ten", seed: 2, measured: { value: 60 } },
    { name: "one", seed: 1, measured: { value: 3 } },
    { name: "ten", seed: 1, measured: { value: 30 } },
  ]);
  expect(found).toMatchObject({ name: "doubled", settings: { by: 3 }, seeds: [2, 1], backend: "reference" });
  expect(told).toEqual([0, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8]);
  expect(printRun(found)).toEqual([
    "Products",
    "case   value",
    "-----  -----",
    "one 2      6",
    "ten 2     60",
    "one 1      3",
    "ten 1     30",
    "",
    "yes  more  by 3",
    "",
    "These are not the usual settings, which the bounds are for.",
    "",
    "Often claimed:",
    "-  less: never",
  ]);
});

test("the usual settings are told from others", async () => {
  const usual = await runExperiment(doubled, { settings: { by: 2 }, seeds: [1] });
  expect(usual.usual).toBe(true);
  expect(printRun(usual)).toContain("Often claimed, and not shown here:");
  expect(printRun(usual).join()).not.toContain("These are not the usual settings");
});

test("seeds 1 to 3 are the default, and what does not hold is said", async () => {
  const found = await runExperiment(doubled, { settings: { by: 0.5 } });
  expect(found.trials.map(({ seed }) => seed)).toEqual([1, 1, 2, 2, 3, 3]);
  expect(printRun(found)).toContain("NO   more  by 0.5");
});

test("what was measured before a stop is not measured again, but under other settings", async () => {
  const kept: KeptTrial[] = [];
  const stop = new AbortController();
  const store = {
    kept,
    keep(trial: KeptTrial) {
      kept.push(JSON.parse(JSON.stringify(trial)) as KeptTrial);
      if (kept.length === 3) stop.abort();
    },
  };
  await expect(runExperiment(doubled, { store, signal: stop.signal })).rejects.toThrow(Stopped);
  ran.length = 0;
  const resumed = await runExperiment(doubled, { store: { kept: [...kept], keep() {} } });
  expect(ran).toEqual(["ten 2", "one 3", "ten 3"]);
  expect(resumed.trials.map(({ measured }) => measured)).toEqual(
    (await runExperiment(doubled)).trials.map(({ measured }) => measured),
  );
  ran.length = 0;
  await runExperiment(doubled, { store: { kept: [...kept], keep() {} }, settings: { by: 7 }, seeds: [1] });
  expect(ran).toEqual(["one 1", "ten 1"]);
});

test.each([
  [{ seeds: [] }, "experiment doubled: seeds an array of 0 given, one or more expected"],
  [{ seeds: [1, 1] }, "experiment doubled: seeds 1, 1 given, each once expected"],
  [{ seeds: [-1] }, "experiment doubled: seed -1 given, an integer from 0 to 2^53 - 1 expected"],
  [{ settings: { by: 0 } }, "by 0: expected a number above 0"],
  [{ settings: { bye: 1 } }, "experiment doubled: option bye is unknown: by expected"],
  [{ signal: 3 }, "runExperiment: signal 3 given, an AbortSignal expected"],
  [{ seed: 3 }, "runExperiment: option seed is unknown: did you mean seeds?"],
])("%j is refused before anything runs", async (options, message) => {
  ran.length = 0;
  await expect(runExperiment(doubled, options as never)).rejects.toThrow(message);
  expect(ran).toEqual([]);
});

test("an experiment without chance has one seed", async () => {
  const certain = { ...doubled, random: false };
  expect((await runExperiment(certain)).seeds).toEqual([1]);
  await expect(runExperiment(certain, { seeds: [1, 2] })).rejects.toThrow(
    "experiment doubled: seeds 1, 2 given, but chance has no part in it",
  );
});

test("numbers that are not finite are null", () => {
  expect([1, Number.NaN, Number.POSITIVE_INFINITY].map(measurable)).toEqual([1, null, null]);
});

test("a table's columns are as wide as what stands in them", () => {
  const table = {
    title: "T",
    columns: ["case", "a"],
    rows: [
      ["x", "1.00, 2.00"],
      ["longer", "3"],
    ],
  };
  expect(printTable(table)).toEqual([
    "T",
    "case             a",
    "------  ----------",
    "x       1.00, 2.00",
    "longer           3",
  ]);
});

test("what is not finite is measured as null, and two trials of one name are refused", async () => {
  const trial = (name: string, value: number) => ({ name, run: () => ({ value, all: [value, 1] }) });
  const wild = { ...doubled, trials: () => [trial("a", Number.NaN)] } as typeof doubled;
  const { trials } = await runExperiment(wild, { seeds: [1] });
  expect(trials[0]?.measured).toEqual({ value: null, all: [null, 1] });
  const twice = { ...doubled, trials: () => [trial("a", 1), trial("a", 2)] } as typeof doubled;
  await expect(runExperiment(twice)).rejects.toThrow(
    'experiment doubled: two trials are called "a", names that differ expected',
  );
  expect(() => experiment({} as never)).toThrow(
    "experiment: an object given, a name, trials and conclude expected",
  );
});

test("kept trials that cannot be concluded from are said to be so", async () => {
  const kept = {
    experiment: "doubled",
    settings: { by: 2 },
    name: "one",
    seed: 1,
    seconds: 1,
    measured: null,
  };
  await expect(runExperiment(doubled, { seeds: [1], store: { kept: [kept], keep() {} } })).rejects.toThrow(
    "experiment doubled: what was kept of its trials is none of its measurements: ",
  );
});

// The bench: measures Rondo beside other libraries and prints the ratios. See bench/README.md.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { enableFusedMultiplyAdd } from "../../src/node/index.ts";
import { cases } from "./cases.ts";
import { contenders } from "./contenders/list.ts";
import { type Engine, engineLabels, enginesHere } from "./engines.ts";
import { benchFolder } from "./folder.ts";
import { goalRows } from "./goals.ts";
import { machine, machineLines } from "./machine.ts";
import { type CaseResult, measureCase } from "./measure.ts";
import { startWatch, type Watch } from "./quiet.ts";
import { createRate } from "./rate.ts";
import { absences, aligned, caseRows, columns, markdown } from "./report.ts";
import { digits, range } from "./statistics.ts";

const usage = `usage: npm run bench -- [options]
  --cases PATTERN    cases whose name matches this regular expression, such as 'training/(lstm|gru)'
  --peers NAMES      contenders whose name starts with one of these, such as rondo-1,torch (Rondo always takes part)
  --no-fused         WebAssembly without instructions that multiply and add at once
  --rounds N         rounds of each case; default 7
  --quick            2 short rounds, the largest sizes left out: to see that all works, not for figures
  --limit SECONDS    give a contender up that takes longer for one answer; default 180
  --json[=FILE]      write everything as JSON to FILE, or to standard output in place of the tables
  --save             keep the tables in bench/RESULTS.md
  --list             print the names of cases and contenders, and measure nothing`;

const goalHead = ["goal", "wanted", "measured (min..max)", "reached"];

function readOptions() {
  const { values } = parseArgs({
    args: process.argv.slice(2).map((argument) => (argument === "--json" ? "--json=-" : argument)),
    allowNegative: true,
    options: {
      cases: { type: "string", default: "" },
      peers: { type: "string" },
      rounds: { type: "string" },
      limit: { type: "string", default: "180" },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      fused: { type: "boolean", default: true },
      help: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 7));
  const limit = 1000 * Number(values.limit);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds}: expected 1 or more`);
  if (!(limit > 0)) throw new Error(`--limit ${values.limit}: expected a number of seconds`);
  const pattern = new RegExp(values.cases);
  const isQuick = (size: { H: number; T: number }) => size.H <= 128 && size.T <= 64;
  const chosen = cases.filter(({ name, size }) => pattern.test(name) && (!values.quick || isQuick(size)));
  if (chosen.length === 0) throw new Error(`--cases ${values.cases}: no such case; --list prints all`);
  const fused = values.fused && enableFusedMultiplyAdd();
  return { ...values, fused, rounds, limit, chosen };
}

/** Rondo and the peers that were asked for. */
function readContenders({ peers, fused }: { peers?: string | undefined; fused: boolean }) {
  const all = contenders(fused);
  const names = peers?.split(",").filter((name) => name !== "");
  const strange = names?.find((name) => !all.some((contender) => contender.name.startsWith(name)));
  if (strange !== undefined) {
    throw new Error(`--peers ${strange}: one of ${all.map(({ name }) => name).join(", ")} expected`);
  }
  const isChosen = (name: string) => names === undefined || names.some((start) => name.startsWith(start));
  const asksForRondo = names?.some((start) => start.startsWith("rondo")) ?? false;
  return all.filter(({ name }) => isChosen(name) || (name.startsWith("rondo") && !asksForRondo));
}

const rateLine = (engine: Engine, rate: string) =>
  `the machine's own rate on one core, ${engineLabels[engine]}: ${rate}`;

/** What the figures depend on, and which are missing. */
function circumstances(results: readonly CaseResult[], { count, of }: Watch["quiet"]): string[] {
  return [
    ...machineLines(machine(results)),
    ...enginesHere().flatMap((engine) => {
      const values = results.flatMap(({ rates }) => rates[engine] ?? []);
      return values.length === 0 ? [] : [rateLine(engine, range(values, " GFLOP/s"))];
    }),
    `measured while nobody else used the processors: ${count} of ${of} values`,
    ...absences(results).map((line) => `not measured: ${line}`),
  ];
}

function save(results: readonly CaseResult[], notes: readonly string[]): void {
  const text = [
    "# Results",
    "",
    "The last full run of `npm run bench -- --save`; README.md says what is measured, and how.",
    "",
    ...notes.map((line) => `- ${line}`),
    "",
    "## Goals",
    "",
    markdown(goalHead, goalRows(results)),
    "",
    "## Cases",
    "",
    markdown(columns, results.flatMap(caseRows)),
    "",
  ].join("\n");
  writeFileSync(`${benchFolder}RESULTS.md`, text);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(usage);
  const taking = readContenders(options);
  if (options.list) {
    for (const { name } of [...options.chosen, ...taking]) console.log(name);
    return;
  }
  const isQuiet = options.json === "-";
  const say = (text: string) => (isQuiet ? undefined : console.log(text));
  const taken = new Set(taking.map(({ engine }) => engine));
  const rates = new Map(
    enginesHere()
      .filter((engine) => taken.has(engine))
      .map((engine) => [engine, createRate(engine, options.fused)]),
  );
  const watch = await startWatch(options.fused);
  for (const [engine, rate] of rates) say(rateLine(engine, `${digits(rate(100))} GFLOP/s`));
  const widths = [40, 30, 28, 8, 14, 22];
  say(aligned([columns], widths));
  const results: CaseResult[] = [];
  try {
    for (const of of options.chosen) {
      const result = await measureCase(of, taking, { ...options, rates, watch });
      results.push(result);
      say(aligned(caseRows(result), widths));
    }
  } finally {
    watch.close();
  }
  const goals = goalRows(results);
  if (goals.length > 0) say(`\n${aligned([goalHead, ...goals])}\n`);
  const notes = circumstances(results, watch.quiet);
  for (const line of notes) say(line);
  if (options.json !== undefined) {
    const text = JSON.stringify({ machine: machine(results), results }, null, 2);
    if (isQuiet) console.log(text);
    else writeFileSync(options.json, `${text}\n`);
  }
  if (options.save) save(results, notes);
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exitCode = 2;
}

// Runs experiments of the lab, for seeds 1 to 3, and writes what they show into their pages: the table in docs/lab/NAME.md,
// between <!-- rondo lab NAME --> and <!-- end -->, and the picture docs/lab/NAME.svg.
// Usage: tsx tools/write-lab.ts [NAME...], by default all of them
import { readFileSync, writeFileSync } from "node:fs";
// As in the command: machine code where that can run.
import "../src/index.node.ts";
import { experimentOf, experiments, figureSvg, printRun, runExperiment } from "../src/lab/index.ts";
import { duration } from "../src/node/report.ts";

const names = process.argv.slice(2);
const chosen = names.length === 0 ? experiments : names.map(experimentOf);

async function write(): Promise<void> {
  for (const experiment of chosen) {
    const { name } = experiment;
    const page = `docs/lab/${name}.md`;
    const text = readFileSync(page, "utf8");
    const [start, end] = [`<!-- rondo lab ${name} -->`, "<!-- end -->"];
    const from = text.indexOf(start);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`${page}: ${start} and ${end} expected`);
    const found = await runExperiment(experiment);
    const seeds = found.seeds.length > 1 ? `seeds ${found.seeds.join(", ")}` : "";
    const ran = [seeds, `${duration(found.seconds)} on ${found.backend}`].filter((part) => part !== "");
    const block = ["```text", ...printRun(found), "", ran.join(", "), "```"].join("\n");
    writeFileSync(page, `${text.slice(0, from + start.length)}\n${block}\n${text.slice(to)}`);
    writeFileSync(`docs/lab/${name}.svg`, await figureSvg(found.figure));
    const failed = found.checks.filter(({ holds }) => !holds);
    console.log(`${name}: ${duration(found.seconds)}, ${failed.length} of ${found.checks.length} not seen`);
    for (const { claim, found: seen } of failed) console.log(`  ${claim}: ${seen}`);
  }
}

await write();

// About a minute of training on text that is here anyway, the project's own documents and sources: shows the loss falling below
// the score of an order-3 n-gram model on the same held-out text, and ends with a sample. Usage: tsx tools/demo.ts
import { readdirSync, readFileSync } from "node:fs";
import { splitForValidation } from "../src/data/split.ts";
import { Report } from "../src/node/report.ts";
import { LanguageModelTraining, readLanguageModel } from "../src/tasks/language-model/index.ts";
import { languageModelTask } from "../src/tasks/language-model/task.ts";
import { trainNgram } from "../src/tasks/ngram.ts";

/** Documents and sources, one after another; the order is always the same. */
function ownText(): string {
  const documents = readdirSync(".").filter((name) => name.endsWith(".md"));
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/${name}`);
  return [...documents.sort(), ...sources.sort()].map((path) => readFileSync(path, "utf8")).join("\n");
}

const validation = 0.1;
const order = 3;
const text = ownText();
const training = LanguageModelTraining.start(text, {
  ...{ name: "the project's own documents and sources", cell: "gru", embedding: 32, hidden: 192, validation },
  ...{ batch: 32, window: 64, epochs: 1, learningRate: 0.004, schedule: { kind: "cosine" } },
});
const { vocabulary } = training.model;
const parts = splitForValidation(text, validation);
const ngram = trainNgram(vocabulary.encode(parts.training), { order, vocabulary: vocabulary.size });
const level = ngram.natsPerToken(vocabulary.encode(parts.validation));

console.log(`${training.text.characters.toLocaleString("en")} characters: ${training.text.name}`);
console.log(`an order-${order} n-gram model on the held-out tenth: ${level.toFixed(3)} nats per character\n`);
const begun = performance.now();
const report = new Report(process.stdout.isTTY ? "bar" : "lines", training.training, {
  unit: "characters",
  measures: languageModelTask.measures,
});
let best: Uint8Array | undefined;
await training.run({
  onEvent: report.onEvent,
  onModel: (bytes) => {
    best = bytes;
  },
});
report.end();

if (best === undefined) throw new Error("no epoch was finished");
const { model, training: record } = readLanguageModel(best, "the best model");
const nats = record?.validation?.nats ?? Number.NaN;
const seconds = Math.round((performance.now() - begun) / 1000);
console.log(
  `\n${seconds} s of training: ${nats.toFixed(3)} nats per character, the n-gram model ${level.toFixed(3)}`,
);
console.log(`\nIt writes:\n\n${model.generate("\n/** ", { length: 400, temperature: 0.6, seed: 1 })}`);
// What is shown here is a promise: a demonstration that does not beat counting has failed.
process.exitCode = nats < level ? 0 : 1;

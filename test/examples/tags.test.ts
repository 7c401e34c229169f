// Many to many: the sentences, the files of treebanks, and that a short training knows more than the commonest tags; and
// what batches of like lengths save.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compare } from "../../examples/batching-by-length.ts";
import { commonestTag, tag } from "../../examples/many-to-many.ts";
import { makeSentences, readTreebank } from "../../examples/tagged-sentences.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { realData } from "../helpers/real-data.ts";

describe("made sentences", () => {
  it("have a tag for every word, words of several tags, and a structure that tells which", () => {
    const sentences = makeSentences(500, 1);
    const tagsOf = new Map<string, Set<string>>();
    for (const { words, tags } of sentences) {
      expect(words.length).toBe(tags.length);
      expect(tags.join(" ")).toMatch(/^DET (ADJ )*NOUN AUX VERB DET (ADJ )*NOUN( ADP DET (ADJ )*NOUN)*$/);
      words.forEach((word, at) => {
        tagsOf.set(word, (tagsOf.get(word) ?? new Set()).add(tags[at] as string));
      });
    }
    expect([...(tagsOf.get("can") ?? [])].sort()).toEqual(["AUX", "NOUN", "VERB"]);
    expect([...(tagsOf.get("light") ?? [])].sort()).toEqual(["ADJ", "NOUN", "VERB"]);
    expect(makeSentences(500, 1)).toEqual(sentences);
  });
});

const treebank = `# text = I don't
1\tI\tI\tPRON\tPRP\t_\t3\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\t_\t3\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t0\troot\t_\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t0:root\t_

# text = Go!
1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
2\t!\t!\tPUNCT\t.\t_\t1\tpunct\t_\t_
`;

describe("a treebank file", () => {
  it.each([
    ["plain", "bank.conllu", treebank],
    ["compressed", "bank.conllu.gz", gzipSync(treebank)],
    ["with the line ends of Windows", "bank.conllu", treebank.replaceAll("\n", "\r\n")],
  ])("gives words and tags, without contractions and empty nodes: %s", async (_, name, contents) => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, contents);
    expect(await readTreebank(path)).toEqual([
      { words: ["I", "do", "n't"], tags: ["PRON", "AUX", "PART"] },
      { words: ["Go", "!"], tags: ["VERB", "PUNCT"] },
    ]);
  });

  it("of English gives the words that it is said to have, and its baseline", async (context) => {
    const read = (part: string) =>
      readTreebank(realData(`ud-english-ewt/en_ewt-ud-${part}.conllu.gz`, context));
    const [training, test] = [await read("train"), await read("test")];
    const words = (sentences: typeof training) => sentences.reduce((sum, { words }) => sum + words.length, 0);
    expect([training.length, words(training), test.length, words(test)]).toEqual([
      12_544, 204_577, 2077, 25_094,
    ]);
    expect(commonestTag(training, test)).toBeGreaterThan(0.86);
  });
});

describe("tagging", () => {
  it("by the commonest tag takes the tag of all words for a new one", () => {
    const training = [{ words: ["a", "a", "a", "b", "c"], tags: ["X", "X", "Y", "Y", "Y"] }];
    expect(commonestTag(training, [{ words: ["a", "b", "new", "new"], tags: ["X", "X", "Y", "X"] }])).toBe(
      0.5,
    );
  });

  it("by a short training of a network is better than that", async () => {
    const [training, test] = [makeSentences(300, 1), makeSentences(80, 2)];
    const seen: number[] = [];
    const accuracy = await tag(training, test, {
      ...{ hidden: 24, batch: 16, epochs: 4, learningRate: 0.01 },
      report: (epoch, score) => {
        seen.push(epoch);
        expect(score).toBeGreaterThan(0);
      },
    });
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(accuracy).toBeGreaterThan(commonestTag(training, test) + 0.1);
  });
});

describe("batching by length", () => {
  it("wastes less the more rows are sorted together, whatever the clock says", () => {
    const lengths = makeSentences(200, 1).map(({ words }) => words.length);
    const found = compare(lengths, [1, 3, undefined], { batch: 16, hidden: 8, repeats: 1 });
    const [random, pooled, sorted] = found.map(({ waste }) => waste) as [number, number, number];
    expect(random).toBeGreaterThan(pooled);
    expect(pooled).toBeGreaterThan(sorted);
    expect(found.every(({ wordsPerSecond }) => wordsPerSecond > 0 && wordsPerSecond < 1e9)).toBe(true);
  });
});

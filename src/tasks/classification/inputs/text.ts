/** Texts as the input of a classifier: read from lines, tables or JSON Lines, cut into words, characters or bytes. */

import { printGiven } from "../../../checks.ts";
import { counted } from "../../../data/text.ts";
import { Vocabulary } from "../../../data/vocabulary.ts";
import { UNKNOWN, type WordSplit, wordsOf } from "../../../data/words.ts";
import { DataError, FormatError } from "../../../errors.ts";
import { isObject } from "../../../formats/json.ts";
import { formOf, recordsOf, refuseValue } from "../../records.ts";
import { labelledLines, labelsOf } from "../labels.ts";
import type { Input, InputKind, Reading, Row } from "./input.ts";

export const textInput: InputKind = {
  name: "text",
  plural: "texts",
  read,
  contentOf(given, where, { text: key }) {
    if (typeof given === "string") return given;
    if (isObject(given)) {
      const text = Object.hasOwn(given, key) ? given[key] : undefined;
      if (typeof text === "string") return text;
      return refuseValue(where, key, text, { what: "a text", keys: Object.keys(given) });
    }
    throw new DataError(`${where}: ${printGiven(given)} given, a text expected`);
  },
  audit: auditTexts,
  prepare(name, rows, { tokens, vocabulary: size }) {
    const texts = rows.map(({ content }) => content as string);
    if (texts.every((text) => text.trim() === "")) {
      throw new DataError(`${name}: all texts are empty, words to learn from expected`);
    }
    const vocabulary =
      tokens === "characters"
        ? Vocabulary.fromTokens(texts.map(charactersOf), { unknown: UNKNOWN })
        : Vocabulary.build(tokens, texts.join("\n"), { size: tokens === "words" ? size : undefined });
    return inputOf(vocabulary);
  },
  ofJson: ({ vocabulary }, where) => {
    const read = Vocabulary.fromJSON(vocabulary, where);
    if (read.kind === "subwords") {
      throw new FormatError(`${where}: vocabulary: subwords, expected words, characters or bytes`);
    }
    if (read.kind !== "list" || read.unknown !== undefined) return inputOf(read);
    throw new FormatError(`${where}: vocabulary: a token for unknown characters expected`);
  },
};

async function* read(
  file: Parameters<InputKind["read"]>[0],
  reading: Reading,
  labelled: boolean,
): AsyncGenerator<Row, void, undefined> {
  const { text: key, label, group, delimiter } = reading;
  const { form, source } = await formOf(file, key);
  if (form === "lines") {
    for await (const { line, text, labels } of labelledLines(source, labelled)) {
      yield { line, place: `line ${line}`, content: text, labels };
    }
    return;
  }
  const needed = [key, ...(labelled ? [label, ...(group === undefined ? [] : [group])] : [])];
  for await (const record of recordsOf(source, form, { delimiter, needed })) {
    const place = `line ${record.line}`;
    const text = record.value(key);
    if (typeof text !== "string") {
      refuseValue(`${file.name}: ${place}`, key, text, { what: "a string", keys: record.keys });
    }
    const from = group === undefined ? undefined : record.value(group);
    yield {
      line: record.line,
      place,
      content: text,
      labels: labelsOf(record, reading, file.name),
      group: from === undefined || from === null ? undefined : String(from),
    };
  }
}

const charactersOf = (text: string) => Array.from(text);

/** The texts of the tokens of a text, as the vocabulary cuts it. */
function piecesOf({ kind, split }: Vocabulary, text: string): string[] {
  if (kind === "words") return [...wordsOf(text, split as WordSplit)];
  if (kind === "list") return charactersOf(text);
  // A byte stands for its character where that has one alone.
  return charactersOf(text).flatMap((character) => {
    const [, ...rest] = new TextEncoder().encode(character);
    return [character, ...rest.map(() => "")] as string[];
  });
}

function inputOf(vocabulary: Vocabulary): Input {
  const what = vocabulary.kind === "list" ? "characters" : vocabulary.kind;
  const count = vocabulary.size.toLocaleString("en");
  return {
    kind: "text",
    reads: { tokens: vocabulary.size },
    unknownToken: vocabulary.unknown === undefined ? undefined : vocabulary.id(vocabulary.unknown),
    encode(content) {
      const text = content as string;
      const tokens =
        vocabulary.kind === "list" ? vocabulary.encodeTokens(charactersOf(text)) : vocabulary.encode(text);
      // An empty text is one token, so that it has a step.
      return tokens.length > 0 ? tokens : Int32Array.of(0);
    },
    stepNames: (content) => piecesOf(vocabulary, content as string),
    print: (content, characters) => shortened(content as string, characters),
    describe: () => [["tokens", `${count} ${what}`]],
    summary: `${vocabulary.size} ${what}`,
    toJSON: () => ({ kind: "text", vocabulary }),
  };
}

function shortened(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}...` : text;
}

function auditTexts(rows: readonly Row[]) {
  const texts = rows.map(({ content }) => content as string);
  const empty = texts.filter((text) => text.trim() === "").length;
  const words = texts.map((text) => text.match(/\S+/g)?.length ?? 0);
  const longest = words.reduce((most, count) => Math.max(most, count), 0);
  const mean = words.reduce((sum, count) => sum + count, 0) / Math.max(1, rows.length);
  const distinct = new Set(texts).size;
  const lines = [
    `texts of ${mean.toFixed(1)} words in the mean, ${longest.toLocaleString("en")} at most${empty > 0 ? `; ${counted(empty, "text")} without a word` : ""}`,
    ...(rows.length >= 20 && distinct <= 2
      ? [`only ${distinct} different in ${counted(rows.length, "row")}: is this the column of the texts?`]
      : []),
  ];
  return { lines, json: { words: mean, longest, empty, distinct } };
}

/** Sentences as columns: a token a line, a blank line after each sentence (CoNLL 2000 and 2003). */

import { DataError } from "../../errors.ts";
import { type Source, sourceLines } from "../source.ts";
import { counted } from "../text.ts";
import { type ColumnsLayout, cellsOfLine, endsSentence, isRemark } from "./columns-layout.ts";
import { checkRoom, type TaggedSentence } from "./sentence.ts";
import { joinTokens } from "./tokens.ts";

/** @throws DataError with name and line for one with other columns than the first, and one without its token or its tag */
export async function* columnSentences(
  source: Source,
  layout: ColumnsLayout,
  tagged: boolean,
): AsyncGenerator<TaggedSentence, void, undefined> {
  const { tabs, columns, firstLine, names, token, tag } = layout;
  let [texts, tags, lines]: [string[], string[], number[]] = [[], [], []];
  const take = (): TaggedSentence => {
    const sentence = {
      line: lines[0] as number,
      lines,
      ...joinTokens(texts),
      tags: tagged ? tags : undefined,
      misaligned: 0,
      leftOut: 0,
    };
    [texts, tags, lines] = [[], [], []];
    return sentence;
  };
  for await (const { number, text } of sourceLines(source)) {
    if (endsSentence(text)) {
      if (texts.length > 0) yield take();
      continue;
    }
    if (isRemark(text, layout) || (names !== undefined && number === firstLine)) continue;
    const cells = cellsOfLine(text, tabs);
    const where = `${source.name}: line ${number}`;
    if (cells.length !== columns) {
      throw new DataError(
        `${where} has ${counted(cells.length, "column")}, ${columns} expected as in the other lines`,
      );
    }
    const [word, given] = [cells[token] as string, cells[tag] as string];
    if (word === "") throw new DataError(`${where} has no token in column ${token + 1}`);
    if (tagged && given === "") throw new DataError(`${where} has no tag in column ${tag + 1}`);
    checkRoom(texts.length, where);
    texts.push(word);
    tags.push(given);
    lines.push(number);
  }
  if (texts.length > 0) yield take();
}

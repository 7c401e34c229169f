/** Sentences as objects: { text, spans }, { tokens, tags }, or both; those of JSON Lines, and those that programs give. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { counted } from "../text.ts";
import { tagsOfSpans } from "./schemes.ts";
import type { TaggedSentence } from "./sentence.ts";
import type { Span } from "./spans.ts";
import { findTokens, joinTokens, type Token, tokenize } from "./tokens.ts";

/** A span of a text by UTF-16 units. */
interface TextSpan {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/**
 * A sentence of an object. `text` is cut into tokens as `tokenize` does, unless there are `tokens`, which then must stand in it. `spans`
 * are of UTF-16 units, { start, end, label } or [start, end, label], and become tags in BIO:
 *
 * - one that starts or ends within a token is widened to the whole token, and counted as misaligned;
 * - one without a token (empty, or white space), and of several that share a token all but the longest (the first of those as long),
 *   are left out, and counted.
 *
 * @param where what it stands in, for messages
 * @throws DataError for what is no sentence: a span outside of the text, another number of tags than of tokens, neither of both
 */
export function sentenceOfRow(
  row: Readonly<Record<string, unknown>>,
  line: number,
  where: string,
  tagged: boolean,
): TaggedSentence {
  const { text, tokens } = placedTokens(row, where);
  const sentence = { line, text, tokens, misaligned: 0, leftOut: 0 };
  if (!tagged) return { ...sentence, tags: undefined };
  if (row.tags !== undefined) {
    const tags = textsOf(row.tags, "tags", where);
    if (row.tokens === undefined) throw new DataError(`${where} has tags and no tokens, tokens expected`);
    if (tags.length === tokens.length) return { ...sentence, tags };
    const given = `${counted(tokens.length, "token")} and ${counted(tags.length, "tag")}`;
    throw new DataError(`${where} has ${given}, as many expected`);
  }
  if (row.spans === undefined)
    throw new DataError(`${where} has neither spans nor tags, one of both expected`);
  return { ...sentence, ...tagsOfTextSpans(spansOfRow(row.spans, text, where), tokens) };
}

function placedTokens(
  row: Readonly<Record<string, unknown>>,
  where: string,
): { text: string; tokens: readonly Token[] } {
  const { text, tokens } = row;
  if (text !== undefined && typeof text !== "string") {
    throw new DataError(`${where}: text is ${printGiven(text)}, a text expected`);
  }
  if (tokens === undefined) {
    if (text === undefined) throw new DataError(`${where} has neither text nor tokens, one of both expected`);
    return { text, tokens: tokenize(text) };
  }
  const texts = textsOf(tokens, "tokens", where);
  if (text === undefined) return joinTokens(texts);
  const found = findTokens(texts, text);
  if (found !== undefined) return { text, tokens: found };
  throw new DataError(`${where}: the tokens are not those of the text, with white space alone between them`);
}

function textsOf(given: unknown, name: string, where: string): string[] {
  if (!Array.isArray(given))
    throw new DataError(`${where}: ${name} is ${printGiven(given)}, a list expected`);
  const wrong = given.findIndex((one) => typeof one !== "string" || one.trim() === "");
  if (wrong < 0) return given as string[];
  throw new DataError(`${where}: ${name}[${wrong}] is ${printGiven(given[wrong])}, a text expected`);
}

function spansOfRow(given: unknown, text: string, where: string): TextSpan[] {
  if (!Array.isArray(given)) throw new DataError(`${where}: spans is ${printGiven(given)}, a list expected`);
  return given.map((one: unknown, at) => {
    const [start, end, label]: unknown[] = Array.isArray(one)
      ? one
      : [(one as TextSpan)?.start, (one as TextSpan)?.end, (one as TextSpan)?.label];
    const place = `${where}: spans[${at}]`;
    if (typeof label !== "string" || label.trim() === "") {
      const expected = "{ start, end, label } or [start, end, label] expected";
      throw new DataError(`${place} has the label ${printGiven(label)}, a text expected: ${expected}`);
    }
    const isWithin = Number.isSafeInteger(start) && Number.isSafeInteger(end);
    if (isWithin && 0 <= Number(start) && Number(start) <= Number(end) && Number(end) <= text.length) {
      return { start: start as number, end: end as number, label };
    }
    throw new DataError(
      `${place} is from ${printGiven(start)} to ${printGiven(end)}, within 0 to ${text.length} expected (UTF-16 units of the text)`,
    );
  });
}

function tagsOfTextSpans(
  spans: readonly TextSpan[],
  tokens: readonly Token[],
): Pick<TaggedSentence, "tags" | "misaligned" | "leftOut"> {
  const taken = Array<boolean>(tokens.length).fill(false);
  const kept: Span[] = [];
  let [misaligned, leftOut] = [0, 0];
  for (const { start, end, label } of [...spans].sort((a, b) => b.end - b.start - (a.end - a.start))) {
    const first = tokens.findIndex((token) => token.end > start);
    const after = tokens.findIndex((token) => token.start >= end);
    const span = { label, start: first < 0 ? tokens.length : first, end: after < 0 ? tokens.length : after };
    if (span.start >= span.end || start === end || taken.slice(span.start, span.end).includes(true)) {
      leftOut += 1;
      continue;
    }
    taken.fill(true, span.start, span.end);
    kept.push(span);
    const isAligned = (tokens[span.start]?.start ?? 0) >= start && (tokens[span.end - 1]?.end ?? 0) <= end;
    if (!isAligned) misaligned += 1;
  }
  return { tags: tagsOfSpans(kept, tokens.length, "BIO"), misaligned, leftOut };
}

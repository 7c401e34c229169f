/** How BLEU takes a text apart, by the names that sacreBLEU gives to it. */

import { withoutSpacesAtEnd, wordsOf } from "./texts.ts";

/** `13a` as the script mteval-v13a of NIST does; `none` at spaces, for texts that are words already; `char` each character. */
export type BleuTokens = "13a" | "none" | "char";

/** Punctuation but for full stop, comma, hyphen and apostrophe stands alone; these three do where no digits are around. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/([{-~[-` -&(-+:-@/])/g, " $1 "],
  [/([^0-9])([.,])/g, "$1 $2 "],
  [/([.,])([^0-9])/g, " $1 $2"],
  [/([0-9])(-)/g, "$1 $2 "],
];
const entities = { "&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">" };

const tokenizers: Readonly<Record<BleuTokens, (text: string) => string[]>> = {
  "13a"(text) {
    let line = text.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
    for (const [entity, character] of Object.entries(entities)) line = line.replaceAll(entity, character);
    return wordsOf(rules.reduce((all, [rule, parts]) => all.replace(rule, parts), ` ${line} `));
  },
  none: wordsOf,
  char: (text) => [...text].flatMap(wordsOf),
};

export const BLEU_TOKENS = Object.keys(tokenizers) as readonly BleuTokens[];

export function bleuTokens(text: string, tokens: BleuTokens, lowercase: boolean): string[] {
  return tokenizers[tokens](withoutSpacesAtEnd(lowercase ? text.toLowerCase() : text));
}

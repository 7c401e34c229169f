// The kinds of pairs, by the names that the example knows them by.
import { addition } from "./addition.ts";
import { chat } from "./chat.ts";
import { dates } from "./dates.ts";
import { kana } from "./kana.ts";
import type { Kind } from "./pairs.ts";
import { questions } from "./questions.ts";
import { summaries } from "./summaries.ts";
import { copy, reverse, reverse50 } from "./symbols.ts";

export const kinds: Readonly<Record<string, Kind>> = {
  copy,
  reverse,
  "reverse-50": reverse50,
  addition,
  dates,
  kana,
  chat,
  questions,
  summaries,
};

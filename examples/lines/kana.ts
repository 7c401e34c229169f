// Romanised Japanese to kana, by rules that look around: a doubled consonant is a small tsu, an n or m that no vowel follows is a
// sound of its own, and a word with a capital is in katakana, where a long vowel is a bar, else in hiragana, where it is a letter.
import { type Draw, exactly, type Kind } from "./pairs.ts";

/** Each row of sounds of one consonant, with the vowels that it goes with. */
const rows = `
  : あ い う え お|k: か き く け こ|s: さ - す せ そ|t: た - - て と|n: な に ぬ ね の|h: は ひ - へ ほ|m: ま み む め も
  y: や - ゆ - よ|r: ら り る れ ろ|w: わ - - - -|g: が ぎ ぐ げ ご|z: ざ - ず ぜ ぞ|d: だ - - で ど|b: ば び ぶ べ ぼ|p: ぱ ぴ ぷ ぺ ぽ
  sh: しゃ し しゅ - しょ|ch: ちゃ ち ちゅ - ちょ|ts: - - つ - -|f: - - ふ - -|j: じゃ じ じゅ - じょ|ky: きゃ - きゅ - きょ
  ny: にゃ - にゅ - にょ|hy: ひゃ - ひゅ - ひょ|my: みゃ - みゅ - みょ|ry: りゃ - りゅ - りょ|gy: ぎゃ - ぎゅ - ぎょ
  by: びゃ - びゅ - びょ|py: ぴゃ - ぴゅ - ぴょ`;

const sounds = new Map(
  rows
    .trim()
    .split(/\s*[|\n]\s*/)
    .flatMap((row) => {
      const [consonant, kana] = row.split(": ") as [string, string];
      return kana
        .split(" ")
        .map((one, vowel) => [(consonant.replace(":", "") + "aiueo"[vowel]).trim(), one] as const);
    })
    .filter(([, kana]) => kana !== "-"),
);
const syllables = [...sounds.keys()];

const MACRON = "\u0304";
const lengthened: Readonly<Record<string, string>> = { a: "あ", i: "い", u: "う", e: "い", o: "う" };

/** A word of Hepburn's romanisation, such as gakkō or Shimbun, in kana. */
export function kanaOf(word: string): string {
  const isName = /^\p{Lu}/u.test(word);
  const letters = word.toLowerCase().normalize("NFD");
  let kana = "";
  for (let at = 0; at < letters.length; ) {
    const rest = letters.slice(at);
    if (/^[nm](?![aiueoy])/.test(rest)) {
      kana += "ん";
      at += rest[1] === "'" ? 2 : 1;
    } else if (/^(tch|([kstp])\2)/.test(rest)) {
      kana += "っ";
      at++;
    } else {
      const syllable = /^[a-z]*?[aiueo]/.exec(rest)?.[0] as string;
      kana += sounds.get(syllable) as string;
      at += syllable.length;
      if (letters[at] === MACRON) {
        kana += isName ? "ー" : lengthened[syllable.at(-1) as string];
        at++;
      }
    }
  }
  return isName ? kana.replace(/[ぁ-ん]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0x60)) : kana;
}

/** A word of made-up Japanese. */
function word(draw: Draw): string {
  let letters = draw.one(syllables);
  for (let more = draw.whole(1, 3); more > 0; more--) {
    const next = draw.one(syllables);
    if (draw.chance(0.25)) letters += MACRON;
    if (draw.chance(0.15)) letters += /^[bmp]/.test(next) ? "m" : /^[aiueoy]/.test(next) ? "n'" : "n";
    else if (/^[kstp]|^ch/.test(next) && draw.chance(0.3)) letters += next.startsWith("ch") ? "t" : next[0];
    letters += next;
  }
  if (draw.chance(0.1)) letters += "n";
  return (draw.chance(0.4) ? `${letters[0]?.toUpperCase()}${letters.slice(1)}` : letters).normalize("NFC");
}

export const kana: Kind = {
  about: "romanised Japanese to kana: Kyōko gakkō is キョーコ がっこう",
  pair(draw) {
    const words = Array.from({ length: draw.whole(1, 3) }, () => word(draw));
    return { source: words.join(" "), target: words.map(kanaOf).join(" ") };
  },
  /** No word of the test is in another part. */
  contents: ({ source }) => source.split(" "),
  counts: { training: 20_000, validation: 500, test: 1000 },
  models: { attention: exactly("characters", { hidden: 96, epochs: 6, batch: 32 }) },
};

/** Text in drawings: a markup for subscripts, `W_{ih} x`, its width, and its SVG. */

interface Run {
  readonly text: string;
  readonly subscript: boolean;
}

const SUBSCRIPT_SCALE = 0.72;

function runs(markup: string): Run[] {
  return markup
    .split(/(_\{[^}]*\})/)
    .filter((part) => part !== "")
    .map((part) =>
      part.startsWith("_{") ? { text: part.slice(2, -1), subscript: true } : { text: part, subscript: false },
    );
}

/** About how wide a character is against the size of the font, a little too wide rather than too narrow. */
export function characterWidth(character: string): number {
  if (/[ijl.,:;|!'()[\] ]/.test(character)) return 0.33;
  if (/[ftrs-]/.test(character)) return 0.42;
  if (/[mwMW→]/.test(character)) return 0.92;
  return /[A-Z+=×⊙−]/.test(character) ? 0.72 : 0.56;
}

/** The width of a text in the units of `size`. */
export function measure(markup: string, size: number): number {
  const ofRun = ({ text, subscript }: Run) =>
    [...text].reduce((sum, character) => sum + characterWidth(character), 0) *
    (subscript ? SUBSCRIPT_SCALE : 1);
  return size * runs(markup).reduce((sum, run) => sum + ofRun(run), 0);
}

/** What XML does not have at all: control characters, and halves of surrogate pairs. */
const NOT_IN_XML = /[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFE\uFFFF]/gu;

export function escapeXml(text: string): string {
  return text
    .replace(NOT_IN_XML, "\uFFFD")
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The markup without its marks, for titles. */
export function plain(markup: string): string {
  return runs(markup)
    .map(({ text, subscript }) => (subscript ? `_${text}` : text))
    .join("");
}

/** Names of one letter are set in italics, as variables are; words and numbers upright. */
function italic(text: string): string {
  return text
    .split(/((?:[A-Za-z]\u0303?)+)/)
    .filter((part) => part !== "")
    .map((part) =>
      /^[A-Za-z]\u0303?$/.test(part)
        ? `<tspan font-style="italic">${escapeXml(part)}</tspan>`
        : escapeXml(part),
    )
    .join("");
}

/** The contents of a <text> element of this size. */
export function textSpans(markup: string, size: number): string {
  const drop = 0.26 * size;
  let lowered = false;
  return runs(markup)
    .map(({ text, subscript }) => {
      const shift = subscript === lowered ? 0 : subscript ? drop : -drop;
      lowered = subscript;
      const scale = subscript ? ` font-size="${round(size * SUBSCRIPT_SCALE)}"` : "";
      if (shift === 0 && scale === "") return italic(text);
      return `<tspan dy="${round(shift)}"${scale}>${italic(text)}</tspan>`;
    })
    .join("");
}

/** At most two decimals. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Numbers as people and programs write them in tables: with a decimal point or comma, and what stands for a missing one. */

export const DECIMALS = ["point", "comma"] as const;
/** What stands before the fraction of a number. */
export type Decimal = (typeof DECIMALS)[number];

const MISSING = new Set(["", "na", "n/a", "#n/a", "nan", "null", "none", "-"]);

const PLAIN: Readonly<Record<Decimal, RegExp>> = {
  point: /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i,
  comma: /^[-+]?(?:\d+,?\d*|,\d+)(?:e[-+]?\d+)?$/i,
};
/** Groups of three digits; the same character stands between all of them. */
const GROUPED: Readonly<Record<Decimal, RegExp>> = {
  point: /^[-+]?[1-9]\d{0,2}([,'\u2019 \u00A0\u202F])\d{3}(?:\1\d{3})*(?:\.\d+)?$/,
  comma: /^[-+]?[1-9]\d{0,2}([.'\u2019 \u00A0\u202F])\d{3}(?:\1\d{3})*(?:,\d+)?$/,
};

/** Whether a text stands for a value that is missing: nothing, NA, N/A, #N/A, NaN, null, none or -, in any case. */
export function isMissing(text: string): boolean {
  return text.length < 5 && MISSING.has(text.trim().toLowerCase());
}

/**
 * The number that a text is: `-1.5`, `1e3`, `1,234.5` with a decimal point, `1.234,5` with a decimal comma, groups of three
 * digits also after spaces and apostrophes. NaN for what is missing (`isMissing`), undefined for what is no finite number.
 */
export function readNumeral(text: string, decimal: Decimal): number | undefined {
  if (PLAIN[decimal].test(text)) return finite(decimal === "comma" ? text.replace(",", ".") : text);
  if (isMissing(text)) return Number.NaN;
  const trimmed = text.trim().replace(/^\u2212/, "-");
  if (trimmed !== text) return readNumeral(trimmed, decimal);
  const grouped = GROUPED[decimal].exec(text);
  if (grouped === null) return undefined;
  const digits = text.replaceAll(grouped[1] as string, "");
  return finite(decimal === "comma" ? digits.replace(",", ".") : digits);
}

function finite(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The decimal mark of the numbers among some texts, which are all written in the same way: the one that the first text asks for
 * that can be read with one of them alone. "point" where none does, unless one such as `1,234` is another number with a comma:
 * undefined then, for nobody can tell.
 */
export function findDecimal(texts: Iterable<string>): Decimal | undefined {
  let isDoubtful = false;
  for (const text of texts) {
    // A text of digits alone, most often, says nothing.
    if (!text.includes(".") && !text.includes(",")) continue;
    const point = readNumeral(text, "point");
    const comma = readNumeral(text, "comma");
    if (point === undefined && comma !== undefined) return "comma";
    if (comma === undefined && point !== undefined) return "point";
    isDoubtful ||= point !== comma && text.includes(",");
  }
  return isDoubtful ? undefined : "point";
}

/** How measures are shown to people. */

export interface Measure {
  /** What stands beside it in a table: "nats per token". */
  readonly label: string;
  /** Its value in a table. */
  print(value: number): string;
  /** The same in a line among others: "1.234 nats"; undefined for what a line leaves out. */
  readonly brief?: ((value: number) => string) | undefined;
}

/** Measures by their names, in the order in which they are shown. */
export type MeasureTable = Readonly<Record<string, Measure>>;

/** A measure with so many digits. */
export function measure(label: string, digits: number, short = label): Measure {
  return {
    label,
    print: (value) => value.toFixed(digits),
    brief: (value) => `${short} ${value.toFixed(digits)}`,
  };
}

/** A part of a whole, as a percentage. */
export function share(label: string): Measure {
  const print = (value: number) => `${(100 * value).toFixed(1)} %`;
  return { label, print, brief: (value) => `${label} ${print(value)}` };
}

/** A number that is in per cent. */
export function percent(label: string, short = label): Measure {
  const print = (value: number) => `${value.toFixed(1)} %`;
  return { label, print, brief: (value) => `${short} ${print(value)}` };
}

/** How many there are, which is told in tables alone. */
export function count(label: string): Measure {
  return { label, print: (value) => value.toLocaleString("en") };
}

/** From here on a perplexity is written with an exponent. */
const LARGE = 1e9;

/** e to the nats: how many tokens a model hesitates between. */
export const perplexity: Measure = {
  label: "perplexity",
  print: (value) => perplexityText(value, 3),
  brief: (value) => `perplexity ${perplexityText(value, 2)}`,
};

/** A perplexity, or that no number is so large. */
export function perplexityText(value: number, digits = 3): string {
  if (value === Number.POSITIVE_INFINITY) return `above ${Number.MAX_VALUE.toExponential(1)}`;
  return value < LARGE ? value.toFixed(digits) : value.toExponential(digits);
}

/** The measures of a validation in one line: those of the table, or every number where there is none. */
export function briefly(found: object, table: MeasureTable | undefined): string {
  const numbers = Object.entries(found).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  if (!table) return numbers.map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`).join("  ");
  const values = new Map(numbers);
  return Object.entries(table)
    .flatMap(([name, { brief }]) => {
      const value = values.get(name);
      return value === undefined || !brief ? [] : [brief(value)];
    })
    .join("  ");
}

/** Which columns a table of series has: checked, and by the names of the numbers that are made of them. */
import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { SeriesColumns } from "./series.ts";

/** The texts that a column may hold, by column: such a column is one of 0 and 1 for each text. */
export type Categories = Readonly<Record<string, readonly string[]>>;

/** Columns as people state them: those that there are none of may be left out. */
export type GivenColumns = Partial<SeriesColumns> & Pick<SeriesColumns, "targets">;

const LISTS = ["targets", "past", "known", "statics"] as const;

/** Columns with all lists. Throws UsageError for what are no columns, for no targets, and for a column that is stated twice. */
export function checkColumns(where: string, given: GivenColumns): SeriesColumns {
  checkOptions<GivenColumns>(`${where}: columns`, given, {
    targets: "a list of names",
    time: true,
    series: true,
    past: true,
    known: true,
    statics: true,
  });
  for (const name of LISTS) checkNames(where, name, given[name] ?? []);
  if (given.targets.length === 0) throw new UsageError(`${where}: no targets given, one or more expected`);
  const columns = { past: [], known: [], statics: [], ...defined(given) };
  const { time, series } = columns;
  const single = [time, series].filter((name) => name !== undefined);
  checkNames(where, "time and series", single);
  const all = columnNames(columns);
  const twice = all.find((name, at) => all.indexOf(name) !== at);
  if (twice === undefined) return columns;
  const uses = Object.entries(columns).flatMap(([use, names]) =>
    [names].flat().includes(twice) ? [use] : [],
  );
  throw new UsageError(
    `${where}: column ${printGiven(twice)} is given for two uses (${uses.join(", ")}), one expected`,
  );
}

function checkNames(where: string, use: string, names: readonly string[]): void {
  if (!Array.isArray(names)) {
    throw new UsageError(`${where}: ${use} ${printGiven(names)} given, a list of names expected`);
  }
  const wrong = names.findIndex((name) => typeof name !== "string" || name === "");
  if (wrong < 0) return;
  throw new UsageError(`${where}: ${use}: ${printGiven(names[wrong])} given, the name of a column expected`);
}

/** An object without the keys that have no value. */
function defined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

/** The columns that change along time, in the order in which rows hold them: targets, past, known. */
export function valueColumns({ targets, past, known }: SeriesColumns): readonly string[] {
  return [...targets, ...past, ...known];
}

/** All columns that are stated. */
export function columnNames(columns: SeriesColumns): readonly string[] {
  const { time, series, statics } = columns;
  return [time, series, ...valueColumns(columns), ...statics].filter((name) => name !== undefined);
}

/** The names of the numbers that a column is made into: its own, or `column=text` for each of its texts. */
export function numbersOf(column: string, categories: Categories): readonly string[] {
  const texts = Object.hasOwn(categories, column) ? categories[column] : undefined;
  return texts?.map((text) => `${column}=${text}`) ?? [column];
}

/** The names of all numbers that are made of texts. */
export function textNumbers(categories: Categories): ReadonlySet<string> {
  return new Set(Object.keys(categories).flatMap((name) => numbersOf(name, categories)));
}

/** Columns by the names of the numbers that they are made into. */
export function numberColumns(columns: SeriesColumns, categories: Categories): SeriesColumns {
  const expand = (names: readonly string[]) => names.flatMap((name) => numbersOf(name, categories));
  const { past, known, statics } = columns;
  return { ...columns, past: expand(past), known: expand(known), statics: expand(statics) };
}

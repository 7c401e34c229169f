/**
 * Tables of options. What an option is, is said once: name, type, range, default, help. From a table come the types, the
 * checks of what a function is given, the flags of the command, the JSON in files, and the tables in the documents.
 */

import * as v from "valibot";
import { checkOptions, printGiven } from "../checks.ts";
import { FormatError, UsageError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import type { Kind } from "./kind.ts";

/** What is said of an option beside its kind. */
export interface OptionFacts {
  /** Half a sentence: "units of each recurrent layer". */
  readonly help: string;
  /** What stands for its value in the help of the command: "units"; default "number", or none for yes and no. */
  readonly argument?: string;
  /** The default in words, where something else decides it: "32, less for a short text". */
  readonly usually?: string;
  /** Whether the command can do nothing without it; what a program gives may do without. */
  readonly required?: true;
  /** The name of the command's option, where it is not the option's own: "decay-every". */
  readonly flag?: string;
}

/** An option, by what may be given for it and what it is once defaults are filled in. */
export interface Option<Input, Output> {
  /** Of the type alone, as in `Kind`. */
  readonly "~input": Input;
  readonly "~output": Output;
}

/** Options by name; a group of them is an option itself. */
export type OptionTable = Readonly<Record<string, Option<unknown, unknown>>>;
/** What may be given for a table. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name]["~input"] | undefined;
};
/** What is there once defaults are filled in; an option without a default may still be undefined. */
export type CompletedOptions<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name]["~output"];
};

/** An option of a kind; one without a default is undefined where it is not given. */
export function option<Value>(
  kind: Kind<Value>,
  facts: OptionFacts & { readonly default: NoInfer<Value> },
): Option<Value, Value>;
export function option<Value>(kind: Kind<Value>, facts: OptionFacts): Option<Value, Value | undefined>;
export function option<Value>(
  kind: Kind<Value>,
  { default: standard, ...facts }: OptionFacts & { readonly default?: Value },
): unknown {
  return v.optional(v.pipe(kind as unknown as v.GenericSchema, v.metadata({ ...facts })), standard as never);
}

/** Options that belong together, such as those of a schedule: a record within the record. */
export function group<const Table extends OptionTable>(
  table: Table,
): Option<OptionsOf<Table>, CompletedOptions<Table> | undefined> {
  return v.optional(objectOf(table)) as unknown as Option<
    OptionsOf<Table>,
    CompletedOptions<Table> | undefined
  >;
}

function objectOf(table: OptionTable) {
  return v.strictObject(table as unknown as Readonly<Record<string, v.GenericSchema>>);
}

/** The names of a table's options, none of which is required, for `checkOptions`. */
export function optionNames<Table extends OptionTable>(
  table: Table,
): { readonly [Name in keyof Table]: true } {
  return Object.fromEntries(Object.keys(table).map((name) => [name, true])) as {
    [Name in keyof Table]: true;
  };
}

/** Those of some options that have these names. */
export function pickOptions<Options extends object, Names extends object>(
  options: Options,
  names: Names,
): Pick<Options, keyof Options & keyof Names> {
  const kept = Object.entries(options).filter(([name]) => Object.hasOwn(names, name));
  return Object.fromEntries(kept) as Pick<Options, keyof Options & keyof Names>;
}

/** An option of a table as the command and the documents see it. */
export interface OptionRow extends OptionFacts {
  /** Where it stands: ["schedule", "every"]. */
  readonly path: readonly string[];
  readonly kind: "number" | "text" | "choice" | "yes" | "numbers" | "names";
  readonly choices?: readonly string[];
  /** The message of its kind: "a whole number from 1". */
  readonly expected: string;
  readonly standard: unknown;
}

/** The options of a table, those of groups included, in order. */
export function optionRows(table: OptionTable, path: readonly string[] = []): OptionRow[] {
  return Object.entries(table).flatMap(([name, given]) => {
    const inner = unwrapped(given);
    const at = [...path, name];
    if (isGroup(inner)) return optionRows(inner.entries as unknown as OptionTable, at);
    const { type, message, options, item } = inner as unknown as KindSchema;
    return [
      {
        ...(v.getMetadata(inner) as unknown as OptionFacts),
        path: at,
        kind: kinds[item ? `${item.type}s` : type] ?? "text",
        ...(options && { choices: options }),
        expected: message,
        standard: v.getDefault(given as never),
      },
    ];
  });
}

interface KindSchema {
  readonly type: string;
  readonly message: string;
  readonly options?: readonly string[];
  /** The schema of each item of a list. */
  readonly item?: KindSchema;
}

const kinds: Readonly<Record<string, OptionRow["kind"]>> = {
  number: "number",
  string: "text",
  picklist: "choice",
  boolean: "yes",
  numbers: "numbers",
  strings: "names",
};

function unwrapped(option: Option<unknown, unknown>): v.GenericSchema {
  return (option as unknown as { wrapped: v.GenericSchema }).wrapped;
}

function isGroup(schema: v.GenericSchema): schema is ReturnType<typeof objectOf> {
  return schema.type === "strict_object";
}

/** Options with their defaults filled in. Throws UsageError for one that does not exist, or a value that is out of range. */
export function completeOptions<Table extends OptionTable>(
  where: string,
  table: Table,
  given: unknown,
): CompletedOptions<Table> {
  checkOptions<object>(where, (given ?? undefined) as object | undefined, table);
  const result = v.safeParse(objectOf(table), given ?? {}, { abortEarly: true, abortPipeEarly: true });
  if (result.success) return result.output as CompletedOptions<Table>;
  throw new UsageError(refusal(result.issues[0]));
}

/** What is said of a value that does not fit: "hidden 0: expected a whole number from 1". */
function refusal(issue: v.BaseIssue<unknown>): string {
  // An item of a list is told by its value.
  const path = issue.path?.flatMap(({ key }) => (typeof key === "string" ? [key] : [])) ?? [];
  const name = path.map(spelt).join(" ");
  const value = printGiven(issue.input);
  if (issue.type === "picklist") return `${name} ${value} is unknown: expected ${issue.message}`;
  if (issue.type !== "strict_object") return `${name} ${value}: expected ${issue.message}`;
  return path.length > 0 && issue.expected === "never"
    ? `${path.slice(0, -1).map(spelt).join(" ")} has no option ${path.at(-1)}`
    : `${name} ${value}: expected an object`;
}

/** A name as people write it: learningRate is learning rate. */
export function spelt(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * Options out of a file's JSON, which names every one with its value, so that no default of today decides what a file of
 * yesterday means. `complete` fills in what it is given, and must have nothing to add. Throws FormatError.
 */
export function optionsOfJson<Options extends object>(
  where: string,
  json: unknown,
  complete: (given: Partial<Options>) => Options,
): Options {
  if (!isObject(json)) throw new FormatError(`${where}: ${printGiven(json)} given, an object expected`);
  const completed = asFormat(where, () => complete(json as Partial<Options>));
  requireSame(where, json, completed);
  return completed;
}

function requireSame(where: string, given: Record<string, unknown>, complete: object): void {
  const present = Object.entries(complete).filter(([, value]) => value !== undefined);
  const missing = present.find(([name]) => !Object.hasOwn(given, name));
  if (missing) throw new FormatError(`${where}: ${missing[0]} is missing`);
  const unknown = Object.keys(given).find((name) => !(name in complete));
  if (unknown !== undefined) throw new FormatError(`${where}: ${unknown} is unknown`);
  for (const [name, value] of present) {
    if (isSame(given[name], value)) continue;
    const wanted = `expected such as ${JSON.stringify(value)}`;
    throw new FormatError(`${where}: ${name} ${JSON.stringify(given[name])}, ${wanted}`);
  }
}

/** Whether two JSON values are equal; the order of keys is none of their meaning. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}

/** Does `make`; what is wrong with options is wrong with the file that they come from. */
export function asFormat<Result>(where: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (error instanceof UsageError || error instanceof TypeError) {
      throw new FormatError(`${where}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Series of numbers as the input of a classifier: steps of one or more columns, from tables or JSON Lines. */

import { printGiven } from "../../../checks.ts";
import { readNumeral } from "../../../data/numerals.ts";
import { Scaler } from "../../../data/scaler.ts";
import type { Source } from "../../../data/source.ts";
import { counted } from "../../../data/text.ts";
import { DataError, FormatError, UsageError } from "../../../errors.ts";
import { type FileRecord, formOf, recordsOf } from "../../records.ts";
import type { GivenFile } from "../../task.ts";
import { labelsOf } from "../labels.ts";
import type { Input, InputKind, Reading, Row } from "./input.ts";
import { lengthsOf, scaledInput, scalerOfJson } from "./vectors.ts";

export const seriesInput: InputKind = {
  name: "series",
  plural: "series",
  read,
  contentOf(given, where, reading) {
    const columns = columnsOf(reading);
    if (typeof given === "object" && given !== null && !Array.isArray(given) && !ArrayBuffer.isView(given)) {
      return vectorsOf((name) => (given as Record<string, unknown>)[name], columns, where);
    }
    if (columns.length === 1) return vectorsOf(() => given, columns, where);
    throw new DataError(
      `${where}: ${printGiven(given)} given, lists of numbers expected: ${columns.join(", ")}`,
    );
  },
  audit: (rows, reading) => lengthsOf(rows, columnsOf(reading).length, "steps"),
  prepare(_name, rows, reading) {
    const columns = columnsOf(reading);
    const scaler = Scaler.fit(
      reading.scale,
      rows.map(({ content }) => content as Float32Array),
      { features: columns.length },
    );
    return inputOf(columns, scaler);
  },
  ofJson({ columns, scaler }, where) {
    const read = scalerOfJson(scaler, where);
    const count = read.center.length;
    if (isNames(columns) && columns.length === count) return inputOf(columns, read);
    throw new FormatError(
      `${where}: input: columns ${JSON.stringify(columns)}: ${counted(count, "name")} expected`,
    );
  },
};

const isNames = (given: unknown): given is readonly string[] =>
  Array.isArray(given) && given.every((name) => typeof name === "string");

function columnsOf({ columns }: Reading): readonly string[] {
  if (columns && columns.length > 0) return columns;
  throw new UsageError("columns: none given, the columns of the numbers of a step expected");
}

async function* read(
  file: GivenFile,
  reading: Reading,
  labelled: boolean,
): AsyncGenerator<Row, void, undefined> {
  const columns = columnsOf(reading);
  const { form, source } = await formOf(file, columns[0] as string);
  if (form !== "json") return yield* seriesOfTable(source, reading, labelled);
  for await (const record of recordsOf(source, form, { needed: [] })) {
    const place = `line ${record.line}`;
    yield {
      line: record.line,
      place,
      content: vectorsOf(record.value, columns, `${file.name}: ${place}`),
      labels: labelsOf(record, reading, file.name),
      group: groupOf(record, reading),
    };
  }
}

function groupOf({ value }: FileRecord, { group }: Reading): string | undefined {
  const from = group === undefined ? undefined : value(group);
  return from === undefined || from === null ? undefined : String(from);
}

/** Lists of numbers by the names of columns, side by side: (T, columns). Throws DataError where they are of several lengths, or no numbers. */
function vectorsOf(
  value: (name: string) => unknown,
  columns: readonly string[],
  where: string,
): Float32Array {
  const lists = columns.map((name) => {
    const given = value(name);
    const list =
      Array.isArray(given) || ArrayBuffer.isView(given)
        ? (given as unknown as ArrayLike<unknown>)
        : undefined;
    if (list !== undefined && list.length > 0) return list;
    const found = list ? "an empty list" : given === undefined ? "missing" : printGiven(given);
    throw new DataError(`${where}: ${name} is ${found}, a list of one or more numbers expected`);
  });
  const steps = (lists[0] as ArrayLike<unknown>).length;
  const other = lists.findIndex(({ length }) => length !== steps);
  if (other >= 0) {
    throw new DataError(
      `${where}: ${columns[0]} has ${counted(steps, "step")}, ${columns[other]} has ${lists[other]?.length}: as many expected`,
    );
  }
  return Float32Array.from({ length: steps * columns.length }, (_, at) => {
    const [step, column] = [Math.floor(at / columns.length), at % columns.length];
    const number = lists[column]?.[step];
    // Of float32, so that a larger one does not become infinite in silence.
    if (typeof number === "number" && Number.isFinite(Math.fround(number))) return number;
    throw new DataError(
      `${where}: ${columns[column]}: step ${step + 1} is ${printGiven(number)}, a number expected`,
    );
  });
}

/** A series of a table while its rows are read. */
interface OpenSeries {
  readonly line: number;
  readonly id: string;
  readonly numbers: number[];
  readonly labels: readonly string[] | undefined;
  readonly group: string | undefined;
}

/** The series of a table, in the order in which they begin; the steps of one are in order, other series may stand between them. */
async function* seriesOfTable(
  file: Source,
  reading: Reading,
  labelled: boolean,
): AsyncGenerator<Row, void, undefined> {
  const columns = columnsOf(reading);
  const { series: column, label, group, delimiter, decimal } = reading;
  if (labelled && column === undefined) {
    throw new UsageError(
      `series: none given, the column expected that says which series a row of ${file.name} is of`,
    );
  }
  const needed = [
    ...columns,
    ...(column === undefined ? [] : [column]),
    ...(labelled ? [label, ...(group === undefined ? [] : [group])] : []),
  ];
  const found = new Map<string, OpenSeries>();
  for await (const record of recordsOf(file, "table", { delimiter, needed })) {
    const where = `${file.name}: line ${record.line}`;
    const id = column === undefined ? "" : String(record.value(column) ?? "");
    const labels = labelsOf(record, reading, file.name);
    let open = found.get(id);
    if (!open) {
      open = { line: record.line, id, numbers: [], labels, group: groupOf(record, reading) };
      found.set(id, open);
    } else if (labelled && String(labels) !== String(open.labels)) {
      throw new DataError(
        `${where}: series ${id} has the label ${labels ?? "of none"}, in line ${open.line} it has ${open.labels ?? "none"}: one label a series expected`,
      );
    }
    for (const name of columns) {
      const text = String(record.value(name) ?? "");
      const number = readNumeral(text, decimal);
      if (number === undefined || !Number.isFinite(Math.fround(number))) {
        throw new DataError(`${where}: ${name} is ${printGiven(text)}, a number expected`);
      }
      open.numbers.push(number);
    }
  }
  for (const { line, id, numbers, labels, group: from } of found.values()) {
    yield {
      line,
      place: column === undefined ? `line ${line}` : `series ${id}, line ${line}`,
      content: Float32Array.from(numbers),
      labels,
      group: from,
    };
  }
}

function inputOf(columns: readonly string[], scaler: Scaler): Input {
  return scaledInput(scaler, {
    kind: "series",
    stepName: (step) => String(step + 1),
    channels: { names: columns, upwards: false, values: "value" },
    lengthName: (steps) => `${steps} steps`,
    describe: [["columns", `${columns.join(", ")}, scale ${scaler.kind}`]],
    summary: counted(columns.length, "column"),
    json: { columns },
  });
}

/** Where recordings are: in a folder, in a table or a list that names them, or one by itself. */

import { mono } from "../../../data/sound/mono.ts";
import { type Recording, readRecording } from "../../../data/sound/recording.ts";
import { type ReadWavOptions, wavPieces } from "../../../data/sound/wav.ts";
import { peekBytes, type Source } from "../../../data/source.ts";
import { DataError, RondoError, UsageError } from "../../../errors.ts";
import { formOf, recordsOf, refuseValue } from "../../records.ts";
import type { GivenFile } from "../../task.ts";
import { labelledLines, labelsOf } from "../labels.ts";
import type { Reading, Row } from "./input.ts";

/** A recording that was found, but not opened. */
export interface FoundRecording extends Omit<Row, "content"> {
  /** As it is named where it was found. */
  readonly path: string;
  /** What errors begin with before the name of the recording: the table that names it, and the line. */
  readonly before: string;
  open(): Source;
}

/** Sound that is not read; other files of a folder, such as notes, are none. */
const OTHER_SOUND = /\.(mp3|mp4|m4a|aac|flac|ogg|oga|opus|webm|wma|aiff?|au|amr|3gp)$/i;
/** What has a recording, where the options do not say it. */
export const AUDIO = "audio";

const PATH = "the path of a WAV file";
const WAV = /\.wave?$/i;

/** Whether a file's name is that of a recording. */
export const isWav = (name: string): boolean => WAV.test(name);

/**
 * The recordings of a folder, by their paths; of a table or JSON Lines under the name of the path; of lines of paths; or one. Paths are seen from
 * where the file is. With `labelled` each has its labels: in a folder that of the folder that it is in.
 *
 * @throws DataError for what names none, UsageError for a group where there are no columns
 */
export async function* recordingsOf(
  file: GivenFile,
  reading: Reading,
  labelled: boolean,
): AsyncGenerator<FoundRecording, void, undefined> {
  const { name, folder } = file;
  if (file.isFolder) return yield* inFolder(file, reading, labelled);
  const { bytes, source } = await peekBytes(file, 4);
  // Whatever its name is, as of the standard input.
  const isRecording = isWav(name) || String.fromCharCode(...bytes) === "RIFF";
  if (!isRecording) return yield* inList({ ...source, folder }, reading, labelled);
  if (labelled) {
    throw new DataError(
      `${name}: one recording given, a folder of labels or a table of paths and labels expected`,
    );
  }
  yield { line: 0, place: name, path: name, labels: undefined, before: "", open: () => source };
}

/** The samples of a recording. Throws DataError with its path, and with the line that names it. */
export async function openRecording(
  { before, open }: FoundRecording,
  options: ReadWavOptions,
): Promise<Recording> {
  try {
    return await readRecording(open(), options);
  } catch (error) {
    throw placed(before, error);
  }
}

/** The same in pieces, as its bytes come. */
export async function* streamRecording({ before, open }: FoundRecording): AsyncGenerator<Recording> {
  try {
    for await (const piece of wavPieces(open())) yield { samples: mono(piece), rate: piece.rate };
  } catch (error) {
    throw placed(before, error);
  }
}

function placed(before: string, error: unknown): unknown {
  if (before === "" || !(error instanceof RondoError)) return error;
  return new DataError(`${before}: ${error.message}`, { cause: error });
}

async function* inFolder(
  { name, folder }: GivenFile,
  { group }: Reading,
  labelled: boolean,
): AsyncGenerator<FoundRecording, void, undefined> {
  if (!folder) throw new UsageError(`${name}: no files given, those of a folder expected`);
  if (labelled && group !== undefined) {
    throw new UsageError(
      `group ${group}: a folder has no columns, a table of paths, labels and groups expected`,
    );
  }
  const paths = await folder.paths();
  const other = paths.find((path) => OTHER_SOUND.test(path));
  if (other !== undefined) throw new DataError(`${name}/${other}: WAV files expected`);
  const recordings = paths.filter(isWav);
  if (recordings.length === 0) throw new DataError(`${name}: no WAV files, one or more expected`);
  for (const path of recordings) {
    const [label, ...rest] = path.split("/") as [string, ...string[]];
    if (labelled && rest.length === 0) {
      throw new DataError(
        `${name}/${path} has no label: a folder for each label expected, as in ${name}/LABEL/${path}`,
      );
    }
    const labels = rest.length > 0 ? [label] : undefined;
    yield { line: 0, place: path, path, labels, before: "", open: () => folder.open(path) };
  }
}

async function* inList(
  file: GivenFile,
  reading: Reading,
  labelled: boolean,
): AsyncGenerator<FoundRecording, void, undefined> {
  const { audio: key = AUDIO, label, group, delimiter } = reading;
  const { name, folder } = file;
  if (!folder)
    throw new UsageError(`${name}: no files given beside it, the recordings expected that it names`);
  const found = (line: number, path: string, labels: Row["labels"], from?: unknown): FoundRecording => ({
    ...{ line, place: `line ${line}, ${path}`, path, labels },
    group: from === undefined || from === null ? undefined : String(from),
    before: `${name}: line ${line}`,
    open: () => folder.open(path),
  });
  const { form, source } = await formOf(file, key);
  if (form === "lines") {
    for await (const { line, text, labels } of labelledLines(source, labelled)) {
      if (text.trim() === "") refuseValue(`${name}: line ${line}`, "path", text, { what: PATH, keys: [] });
      yield found(line, text, labels);
    }
    return;
  }
  const needed = [key, ...(labelled ? [label, ...(group === undefined ? [] : [group])] : [])];
  for await (const record of recordsOf(source, form, { delimiter, needed })) {
    const path = record.value(key);
    if (typeof path !== "string" || path === "") {
      refuseValue(`${name}: line ${record.line}`, key, path, { what: PATH, keys: record.keys });
    }
    const from = group === undefined ? undefined : record.value(group);
    yield found(record.line, path, labelsOf(record, reading, name), from);
  }
}

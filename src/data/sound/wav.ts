/**
 * Recordings from WAV files: the chunks of a RIFF file, and samples of any usual width as float32. "Multimedia Programming
 * Interface and Data Specifications 1.0", 1991; WAVE_FORMAT_EXTENSIBLE as Microsoft's page of `WAVEFORMATEXTENSIBLE` has it.
 */
import { checkOptions } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { readSourceBytes, type Source } from "../source.ts";
import { expandALaw, expandMuLaw } from "./companding.ts";

/** A recording. */
export interface Sound {
  /** Samples a second, of each channel. */
  readonly rate: number;
  /** The samples of each channel, all of one length; full scale is -1 to 1. */
  readonly channels: readonly Float32Array[];
}

export interface ReadWavOptions {
  /** Whether a recording without samples has channels of none, in place of an error; default false. */
  readonly allowEmpty?: boolean | undefined;
}

interface Format {
  readonly samples: SampleFormat;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

interface Chunk {
  readonly id: string;
  /** Where its content starts in the file. */
  readonly start: number;
  readonly size: number;
}

interface SampleFormat {
  readonly name: string;
  /** By how many bits a sample has: the sample that starts at a byte. */
  readonly readers: Readonly<Record<number, (view: DataView, at: number) => number>>;
}

const SAMPLE_FORMATS: Readonly<Record<number, SampleFormat>> = {
  1: {
    name: "PCM",
    readers: {
      8: (view, at) => (view.getUint8(at) - 128) / 2 ** 7, // the only width without a sign
      16: (view, at) => view.getInt16(at, true) / 2 ** 15,
      24: (view, at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23,
      32: (view, at) => view.getInt32(at, true) / 2 ** 31,
    },
  },
  3: {
    name: "floats",
    readers: {
      32: (view, at) => view.getFloat32(at, true),
      64: (view, at) => view.getFloat64(at, true),
    },
  },
  6: { name: "A-law", readers: { 8: (view, at) => expandALaw(view.getUint8(at)) / 2 ** 15 } },
  7: { name: "mu-law", readers: { 8: (view, at) => expandMuLaw(view.getUint8(at)) / 2 ** 15 } },
};
const EXTENSIBLE = 0xfffe;
/** What stands after the format's number in the identifier of an extensible format. */
const EXTENSIBLE_END = "000000001000800000aa00389b71";
/** What a program writes as a size that it does not know yet, because it writes to a pipe. */
const UNKNOWN_SIZE = 0xffffffff;
const COMPRESSED: Readonly<Record<number, string>> = {
  2: "Microsoft ADPCM",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  80: "MPEG",
  85: "MP3",
  255: "AAC",
};

/**
 * The samples of a WAV file: PCM of 8, 16, 24 or 32 bits, which are divided by 128, 2^15, 2^23 or 2^31, floats of 32 or 64
 * bits, as they are, and A-law and mu-law as the 16-bit samples that they stand for. Chunks other than the format and the data are skipped. A stream whose data has no size goes to the end.
 *
 *     const { rate, channels } = await readWav(file);
 *
 * @throws UsageError for what is no source
 * @throws DataError for a source that cannot be read, what is no WAV file, one that is cut short, compressed, or without
 *   samples, and for a sample that is no finite number
 */
export async function readWav(source: Source, options: ReadWavOptions = {}): Promise<Sound> {
  checkOptions("readWav", options, { allowEmpty: true });
  const bytes = await readSourceBytes("readWav", source);
  const { name } = source;
  if (bytes.length === 0) throw new DataError(`${name}: an empty file given, a WAV file expected`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (letters(view, 0) !== "RIFF" || letters(view, 8) !== "WAVE") {
    throw new DataError(`${name}: no "RIFF" and "WAVE" at its start, those of a WAV file expected`);
  }
  const { format, data } = findChunks(name, view);
  const frame = (format.channels * format.bits) / 8;
  if (data.size === 0 && !options.allowEmpty) {
    throw new DataError(`${name}: a recording without samples given, one or more expected`);
  }
  if (data.size % frame !== 0) {
    const expected = `a multiple of ${frame} expected, the bytes of a sample of each channel`;
    throw new DataError(`${name}: ${data.size} bytes of samples given, ${expected}`);
  }
  return { rate: format.rate, channels: readChannels(name, view, format, data) };
}

/** The format, and the first chunk of data, which stands after it. What follows is not looked at. */
function findChunks(name: string, view: DataView): { readonly format: Format; readonly data: Chunk } {
  let format: Format | undefined;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const chunk = readChunk(name, view, at);
    if (chunk.id === "fmt ") format = readFormat(name, view, chunk);
    if (chunk.id === "data") {
      if (format === undefined) {
        throw new DataError(`${name}: a chunk "data" at byte ${at} before any "fmt ", that first expected`);
      }
      return { format, data: chunk };
    }
    // A chunk of an odd size has a byte after it that it does not count.
    at = chunk.start + chunk.size + (chunk.size % 2);
  }
  const missing = format === undefined ? "fmt " : "data";
  throw new DataError(`${name}: no chunk "${missing}" found in ${view.byteLength} bytes, one expected`);
}

function readChunk(name: string, view: DataView, at: number): Chunk {
  const id = letters(view, at);
  const start = at + 8;
  const given = view.getUint32(at + 4, true);
  const found = view.byteLength - start;
  const isStream = id === "data" && (given === UNKNOWN_SIZE || (given === 0 && !hasSize(view)));
  const size = isStream ? found : given;
  if (size <= found) return { id, start, size };
  const chunk = `chunk ${JSON.stringify(id)} at byte ${at}`;
  throw new DataError(`${name}: cut short: ${chunk}: ${size} bytes expected, ${found} found`);
}

/** Whether the file tells its own size. */
function hasSize(view: DataView): boolean {
  const size = view.getUint32(4, true);
  return size !== 0 && size !== UNKNOWN_SIZE;
}

function readFormat(name: string, view: DataView, { start, size }: Chunk): Format {
  const short = (least: number) =>
    new DataError(`${name}: a format of ${size} bytes given, ${least} or more expected`);
  if (size < 16) throw short(16);
  let code = view.getUint16(start, true);
  if (code === EXTENSIBLE) {
    if (size < 40) throw short(40);
    const end = Array.from({ length: 14 }, (_, at) =>
      view
        .getUint8(start + 26 + at)
        .toString(16)
        .padStart(2, "0"),
    ).join("");
    if (end === EXTENSIBLE_END) code = view.getUint16(start + 24, true);
  }
  const [channels, rate] = [view.getUint16(start + 2, true), view.getUint32(start + 4, true)];
  const [block, bits] = [view.getUint16(start + 12, true), view.getUint16(start + 14, true)];
  const samples = SAMPLE_FORMATS[code];
  if (samples === undefined) {
    const called = COMPRESSED[code] ?? `format 0x${code.toString(16).padStart(4, "0")}`;
    throw new DataError(`${name}: samples in ${called} given, PCM, floats, A-law or mu-law expected`);
  }
  if (samples.readers[bits] === undefined) {
    const widths = Object.keys(samples.readers).join(", ");
    throw new DataError(`${name}: ${samples.name} of ${bits} bits given, ${widths} expected`);
  }
  if (channels === 0 || rate === 0) {
    throw new DataError(`${name}: ${channels} channels at ${rate} Hz given, 1 or more of each expected`);
  }
  if (block !== (channels * bits) / 8) {
    const given = `${block} bytes for ${channels} samples of ${bits} bits`;
    throw new DataError(`${name}: ${given} given, ${(channels * bits) / 8} expected`);
  }
  return { samples, channels, rate, bits };
}

function readChannels(name: string, view: DataView, format: Format, { start, size }: Chunk): Float32Array[] {
  const width = format.bits / 8;
  const frame = format.channels * width;
  const read = format.samples.readers[format.bits] as SampleFormat["readers"][number];
  return Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(size / frame);
    for (let step = 0; step < samples.length; step++) {
      samples[step] = read(view, start + step * frame + channel * width);
      if (Number.isFinite(samples[step])) continue;
      const where = `sample ${step} of channel ${channel}`;
      throw new DataError(`${name}: ${where}: ${samples[step]} given, a finite number expected`);
    }
    return samples;
  });
}

/** Four bytes as letters; fewer at the end of the file. */
function letters(view: DataView, at: number): string {
  const count = Math.max(0, Math.min(4, view.byteLength - at));
  return String.fromCharCode(...Array.from({ length: count }, (_, k) => view.getUint8(at + k)));
}

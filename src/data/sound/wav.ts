/**
 * Recordings from WAV files, whole or as their bytes come: the chunks of a RIFF file, and samples of any usual width as float32.
 * "Multimedia Programming Interface and Data Specifications 1.0", 1991; WAVE_FORMAT_EXTENSIBLE as Microsoft's page of
 * `WAVEFORMATEXTENSIBLE` has it.
 */
import { checkOptions } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { type Source, sourcePieces } from "../source.ts";
import { Bytes, concat } from "./bytes.ts";
import { LOUDEST } from "./samples.ts";
import { readWavFormat, type WavFormat } from "./wav-format.ts";

/** A recording, or a piece of one. */
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

/** What programs write as a size that they do not know yet, because they write to a pipe; those of SoX and arecord are below 2^32 - 1. */
const UNKNOWN_SIZES: readonly number[] = [0xffffffff, 0x7ffff000, 0x80000000];

/**
 * The samples of a WAV file: PCM of 8, 16, 24 or 32 bits, which are divided by 128, 2^15, 2^23 or 2^31, floats of 32 or 64
 * bits, as they are, and A-law and mu-law as the 16-bit samples that they stand for. Chunks other than the format and the data are
 * skipped. A stream whose data has no size goes to the end.
 *
 *     const { rate, channels } = await readWav(file);
 *
 * @throws UsageError for what is no source
 * @throws DataError for a source that cannot be read, what is no WAV file, one that is cut short, compressed, or without
 *   samples, and for a sample that is no finite number
 */
export async function readWav(source: Source, options: ReadWavOptions = {}): Promise<Sound> {
  checkOptions("readWav", options, { allowEmpty: true });
  const pieces: Sound[] = [];
  for await (const piece of openPieces("readWav", source)) pieces.push(piece);
  const { rate, channels } = pieces[0] as Sound;
  const sound = { rate, channels: channels.map((_, at) => joined(pieces, at)) };
  if (sound.channels[0]?.length || options.allowEmpty) return sound;
  throw new DataError(`${source.name}: a recording without samples given, one or more expected`);
}

/**
 * The samples of a WAV file as its bytes come, such as from a pipe: one piece after the other, the first of which may have no samples. That a file
 * is cut short is found when it ends.
 *
 *     for await (const piece of wavPieces(source)) recognizer.push(mono(piece));
 *
 * @throws as `readWav` does, but for a recording without samples
 */
export function wavPieces(source: Source): AsyncGenerator<Sound, void, undefined> {
  return openPieces("wavPieces", source);
}

function openPieces(where: string, source: Source): AsyncGenerator<Sound, void, undefined> {
  const bytes = new Bytes(sourcePieces(where, source));
  return piecesOf(source.name, bytes);
}

async function* piecesOf(name: string, bytes: Bytes): AsyncGenerator<Sound, void, undefined> {
  try {
    const head = await bytes.take(12);
    if (head.length === 0) throw new DataError(`${name}: an empty file given, a WAV file expected`);
    if (letters(head, 0) !== "RIFF" || letters(head, 8) !== "WAVE") {
      throw new DataError(`${name}: no "RIFF" and "WAVE" at its start, those of a WAV file expected`);
    }
    const { format, size, place } = await findData(name, bytes, uint32(head, 4));
    const frame = format.channels * format.bytes;
    const odd = (given: number) =>
      new DataError(
        `${name}: ${given} bytes of samples given, a multiple of ${frame} expected, the bytes of a sample of each channel`,
      );
    if (size !== undefined && size % frame !== 0) throw odd(size);
    yield readSamples(name, format, head.subarray(0, 0), 0);
    let [found, rest] = [0, new Uint8Array(0)];
    while (found < (size ?? Number.POSITIVE_INFINITY)) {
      const piece = await bytes.next((size ?? Number.POSITIVE_INFINITY) - found);
      if (piece.length === 0) break;
      found += piece.length;
      const all = rest.length === 0 ? piece : concat(rest, piece);
      const whole = all.length - (all.length % frame);
      rest = all.slice(whole);
      const before = (found - all.length) / frame;
      if (whole > 0) yield readSamples(name, format, all.subarray(0, whole), before);
    }
    if (size !== undefined && found < size) throw cutShort(name, "data", { place, size, found });
    if (rest.length > 0) throw odd(found);
  } finally {
    await bytes.close();
  }
}

/** The format, and the first chunk of data, which stands after it, at whose content the bytes then are. What follows is not looked at. */
async function findData(name: string, bytes: Bytes, fileSize: number) {
  let format: WavFormat | undefined;
  while (true) {
    const place = bytes.taken;
    const head = await bytes.take(8);
    if (head.length < 8) {
      const missing = format === undefined ? "fmt " : "data";
      throw new DataError(`${name}: no chunk "${missing}" found in ${bytes.taken} bytes, one expected`);
    }
    const [id, size] = [letters(head, 0), uint32(head, 4)];
    if (id === "data") {
      if (format === undefined) {
        throw new DataError(
          `${name}: a chunk "data" at byte ${place} before any "fmt ", that first expected`,
        );
      }
      const isUnknown = UNKNOWN_SIZES.includes(size) || (size === 0 && isUnknownFile(fileSize));
      return { format, place, size: isUnknown ? undefined : size };
    }
    const content = id === "fmt " ? await bytes.take(size) : undefined;
    const found = content ? content.length : await bytes.skip(size);
    if (found < size) throw cutShort(name, id, { place, size, found });
    if (content) format = readWavFormat(name, content);
    // A chunk of an odd size has a byte after it that it does not count.
    if (size % 2 === 1) await bytes.skip(1);
  }
}

/** Whether a file does not tell its own size. */
const isUnknownFile = (size: number) => size === 0 || UNKNOWN_SIZES.includes(size);

interface Cut {
  /** The byte that the chunk starts at. */
  readonly place: number;
  readonly size: number;
  readonly found: number;
}

function cutShort(name: string, id: string, { place, size, found }: Cut): DataError {
  const chunk = `chunk ${JSON.stringify(id)} at byte ${place}`;
  return new DataError(`${name}: cut short: ${chunk}: ${size} bytes expected, ${found} found`);
}

/** Whole frames of samples; `before` is how many there were before. */
function readSamples(name: string, format: WavFormat, bytes: Uint8Array, before: number): Sound {
  const { read, rate } = format;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frame = format.channels * format.bytes;
  const channels = Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(bytes.length / frame);
    for (let step = 0; step < samples.length; step++) {
      samples[step] = read(view, step * frame + channel * format.bytes);
      if (Math.abs(samples[step] as number) <= LOUDEST) continue;
      const where = `sample ${before + step} of channel ${channel}`;
      throw new DataError(
        `${name}: ${where}: ${samples[step]} given, a finite number expected, -1 to 1 at full scale`,
      );
    }
    return samples;
  });
  return { rate, channels };
}

function joined(pieces: readonly Sound[], channel: number): Float32Array {
  const parts = pieces.map(({ channels }) => channels[channel] as Float32Array);
  const samples = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}

const letters = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
const uint32 = (bytes: Uint8Array, at: number) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true);

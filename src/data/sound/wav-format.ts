/** What the format of a WAV file says: how many channels at which rate, and how a sample is written. */
import { DataError } from "../../errors.ts";
import { expandALaw, expandMuLaw } from "./companding.ts";
import { HIGHEST_RATE } from "./samples.ts";

export interface WavFormat {
  /** The sample that starts at a byte. */
  readonly read: SampleReader;
  readonly channels: number;
  readonly rate: number;
  /** Of a sample. */
  readonly bytes: number;
}

type SampleReader = (view: DataView, at: number) => number;

interface SampleFormat {
  readonly name: string;
  /** By how many bits a sample has: the sample that starts at a byte. */
  readonly readers: Readonly<Record<number, SampleReader>>;
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
const COMPRESSED: Readonly<Record<number, string>> = {
  2: "Microsoft ADPCM",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  80: "MPEG",
  85: "MP3",
  255: "AAC",
};

/** The format out of the content of its chunk. Throws DataError, which begins with the file's name, for one that is not read. */
export function readWavFormat(name: string, content: Uint8Array): WavFormat {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const short = (least: number) =>
    new DataError(`${name}: a format of ${content.length} bytes given, ${least} or more expected`);
  if (content.length < 16) throw short(16);
  let code = view.getUint16(0, true);
  if (code === EXTENSIBLE) {
    if (content.length < 40) throw short(40);
    const end = Array.from(content.subarray(26, 40), (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (end === EXTENSIBLE_END) code = view.getUint16(24, true);
  }
  const [channels, rate] = [view.getUint16(2, true), view.getUint32(4, true)];
  const [block, bits] = [view.getUint16(12, true), view.getUint16(14, true)];
  const samples = SAMPLE_FORMATS[code];
  if (samples === undefined) {
    const called = COMPRESSED[code] ?? `format 0x${code.toString(16).padStart(4, "0")}`;
    throw new DataError(`${name}: samples in ${called} given, PCM, floats, A-law or mu-law expected`);
  }
  const read = samples.readers[bits];
  if (read === undefined) {
    const widths = Object.keys(samples.readers).join(", ");
    throw new DataError(`${name}: ${samples.name} of ${bits} bits given, ${widths} expected`);
  }
  if (channels === 0 || rate === 0) {
    throw new DataError(`${name}: ${channels} channels at ${rate} Hz given, 1 or more of each expected`);
  }
  if (rate > HIGHEST_RATE) {
    throw new DataError(`${name}: ${rate} Hz given, ${HIGHEST_RATE} at most expected`);
  }
  if (block !== (channels * bits) / 8) {
    const given = `${block} bytes for ${channels} samples of ${bits} bits`;
    throw new DataError(`${name}: ${given} given, ${(channels * bits) / 8} expected`);
  }
  return { read, channels, rate, bytes: bits / 8 };
}

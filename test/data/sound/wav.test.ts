// WAV files, byte by byte: every width of samples, chunks between, and what is wrong with a file.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readWav, type Sound, wavPieces } from "../../../src/data/sound/wav.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { realData } from "../../helpers/real-data.ts";

const source = (bytes: ArrayLike<number>) => new File([Uint8Array.from(bytes)], "a.wav");
const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const little = (value: number, count: number) =>
  Array.from({ length: count }, (_, at) => Math.floor(value / 256 ** at) % 256);
const chunk = (id: string, content: readonly number[], size = content.length) => [
  ...ascii(id),
  ...little(size, 4),
  ...content,
  ...(content.length % 2 ? [0] : []),
];
const riff = (...chunks: (readonly number[])[]) => {
  const content = [...ascii("WAVE"), ...chunks.flat()];
  return [...ascii("RIFF"), ...little(content.length, 4), ...content];
};
const format = (code: number, bits: number, channels = 1, rate = 8000) => [
  ...little(code, 2),
  ...little(channels, 2),
  ...little(rate, 4),
  ...little((rate * channels * bits) / 8, 4),
  ...little((channels * bits) / 8, 2),
  ...little(bits, 2),
];
const extensible = (code: number, bits: number, end = "000000001000800000aa00389b71") => [
  ...format(0xfffe, bits),
  ...little(22, 2),
  ...little(bits, 2),
  ...little(4, 4),
  ...little(code, 2),
  ...Array.from({ length: 14 }, (_, at) => Number.parseInt(end.slice(2 * at, 2 * at + 2), 16)),
];
const wav = (fmt: readonly number[], data: readonly number[]) =>
  riff(chunk("fmt ", fmt), chunk("data", data));
const floats = (...values: number[]) => [...new Uint8Array(Float32Array.from(values).buffer)];
const doubles = (...values: number[]) => [...new Uint8Array(Float64Array.from(values).buffer)];
const read = async (bytes: ArrayLike<number>) => {
  const { rate, channels } = await readWav(source(bytes));
  return { rate, channels: channels.map((samples) => Array.from(samples)) };
};
const two = [0, 0, 0, 0x40];

test.each<[string, readonly number[], readonly number[], number[]]>([
  ["8 bits", format(1, 8), [0, 128, 192, 255], [-1, 0, 0.5, 127 / 128]],
  ["16 bits", format(1, 16), [0, 0x80, 0, 0x40, 0xff, 0xff], [-1, 0.5, -(2 ** -15)]],
  ["24 bits", format(1, 24), [0, 0, 0x80, 0, 0, 0x40, 0xff, 0xff, 0xff], [-1, 0.5, -(2 ** -23)]],
  ["32 bits", format(1, 32), [0, 0, 0, 0x80, 0, 0, 0, 0x40, 0, 0xff, 0xff, 0xff], [-1, 0.5, -(2 ** -23)]],
  ["float32", format(3, 32), floats(0.25, -1.5), [0.25, -1.5]],
  ["float64", format(3, 64), doubles(0.25, 0.1), [0.25, Math.fround(0.1)]],
  [
    "A-law",
    format(6, 8),
    [0xd5, 0x55, 0x80, 0xaa, 0x2a],
    [8, -8, 5504, 32256, -32256].map((x) => x / 2 ** 15),
  ],
  [
    "mu-law",
    format(7, 8),
    [0xff, 0x7f, 0x80, 0x00, 0xf0],
    [0, 0, 32124, -32124, 120].map((x) => x / 2 ** 15),
  ],
  ["extensible mu-law", extensible(7, 8), [0x80], [32124 / 2 ** 15]],
  ["extensible 24 bits", extensible(1, 24), [0, 0, 0xc0], [-0.5]],
  ["extensible float32", extensible(3, 32), floats(0.75), [0.75]],
])("samples of %s", async (_name, fmt, data, samples) => {
  expect(await read(wav(fmt, data))).toEqual({ rate: 8000, channels: [samples] });
});

test("channels, taken apart", async () => {
  const data = [0, 0x40, 0, 0x80, 0, 0x20, 0, 0xc0];
  expect(await read(wav(format(1, 16, 2, 44100), data))).toEqual({
    rate: 44100,
    channels: [
      [0.5, 0.25],
      [-1, -0.5],
    ],
  });
});

test("other chunks are skipped, with the byte after an odd one, and whatever follows the data", async () => {
  const fmt = chunk("fmt ", [...format(1, 16), 0, 0]);
  const bytes = riff(chunk("LIST", [1, 2, 3]), fmt, chunk("fact", [9]), chunk("data", two), ascii("junk!"));
  expect((await read(bytes)).channels).toEqual([[0, 0.5]]);
});

test("an odd number of bytes of data needs none after it", async () => {
  expect((await read(wav(format(1, 8), [128, 192, 128]).slice(0, -1))).channels).toEqual([[0, 0.5, 0]]);
});

test("a stream, which does not know its size, goes to its end", async () => {
  const endless = riff(chunk("fmt ", format(1, 16)), chunk("data", two, 0xffffffff));
  expect((await read(endless)).channels).toEqual([[0, 0.5]]);
  const unknown = [
    ...ascii("RIFF"),
    0,
    0,
    0,
    0,
    ...riff(chunk("fmt ", format(1, 16)), chunk("data", two, 0)).slice(8),
  ];
  expect((await read(unknown)).channels).toEqual([[0, 0.5]]);
});

const fmt16 = chunk("fmt ", format(1, 16));
test.each<[ArrayLike<number>, string]>([
  [[], "an empty file given, a WAV file expected"],
  [ascii("ID3"), 'no "RIFF" and "WAVE" at its start, those of a WAV file expected'],
  [ascii("RIFF....AVI "), 'no "RIFF" and "WAVE" at its start, those of a WAV file expected'],
  [riff(), 'no chunk "fmt " found in 12 bytes, one expected'],
  [riff(fmt16), 'no chunk "data" found in 36 bytes, one expected'],
  [riff(chunk("data", two), fmt16), 'a chunk "data" at byte 12 before any "fmt ", that first expected'],
  [wav(format(1, 16), two).slice(0, -1), 'cut short: chunk "data" at byte 36: 4 bytes expected, 3 found'],
  [
    riff(chunk("LIST", [1, 2, 3, 4])).slice(0, -1),
    'cut short: chunk "LIST" at byte 12: 4 bytes expected, 3 found',
  ],
  [riff(fmt16).slice(0, 30), 'cut short: chunk "fmt " at byte 12: 16 bytes expected, 10 found'],
  [wav(format(1, 16), []), "a recording without samples given, one or more expected"],
  [
    riff(fmt16, chunk("data", []), chunk("LIST", [1, 2])),
    "a recording without samples given, one or more expected",
  ],
  [
    wav(format(1, 16, 2), [1, 2, 3, 4, 5, 6]),
    "6 bytes of samples given, a multiple of 4 expected, the bytes of a sample of each channel",
  ],
  [wav([1, 0], two), "a format of 2 bytes given, 16 or more expected"],
  [wav(format(0xfffe, 16), two), "a format of 16 bytes given, 40 or more expected"],
  [wav(format(85, 0), two), "samples in MP3 given, PCM, floats, A-law or mu-law expected"],
  [wav(format(0x1234, 16), two), "samples in format 0x1234 given, PCM, floats, A-law or mu-law expected"],
  [wav(extensible(17, 8), two), "samples in IMA ADPCM given, PCM, floats, A-law or mu-law expected"],
  [
    wav(extensible(1, 16, "00".repeat(14)), two),
    "samples in format 0xfffe given, PCM, floats, A-law or mu-law expected",
  ],
  [wav(format(1, 12), two), "PCM of 12 bits given, 8, 16, 24, 32 expected"],
  [wav(format(6, 16), two), "A-law of 16 bits given, 8 expected"],
  [wav(format(3, 16), two), "floats of 16 bits given, 32, 64 expected"],
  [wav(format(1, 16, 0), two), "0 channels at 8000 Hz given, 1 or more of each expected"],
  [wav(format(1, 16, 1, 0), two), "1 channels at 0 Hz given, 1 or more of each expected"],
  [wav(format(1, 16).with(12, 4), two), "4 bytes for 1 samples of 16 bits given, 2 expected"],
  [
    wav(format(3, 32), floats(1, Number.NaN)),
    "sample 1 of channel 0: NaN given, a finite number expected, -1 to 1 at full scale",
  ],
  [
    wav(format(3, 64), doubles(1e300)),
    "sample 0 of channel 0: Infinity given, a finite number expected, -1 to 1 at full scale",
  ],
  [
    wav(format(3, 64), doubles(-2e12)),
    "sample 0 of channel 0: -1999999991808 given, a finite number expected, -1 to 1 at full scale",
  ],
  [wav(format(1, 16, 1, 4e9), two), "4000000000 Hz given, 10000000 at most expected"],
])("what is wrong with a file: %#", async (bytes, message) => {
  await expect(readWav(source(bytes))).rejects.toThrow(new DataError(`a.wav: ${message}`));
});

test("a recording without samples, where it may have none", async () => {
  const empty = source(wav(format(1, 16, 2), []));
  expect(await readWav(empty, { allowEmpty: true })).toEqual({
    rate: 8000,
    channels: [new Float32Array(0), new Float32Array(0)],
  });
  await expect(readWav(empty, { allowEmpty: false })).rejects.toThrow(DataError);
});

describe("as the bytes come", () => {
  /** A source that gives its bytes in pieces of these sizes, again and again, and tells whether it was closed. */
  const inPieces = (bytes: readonly number[], sizes: readonly number[]) => {
    const all = Uint8Array.from(bytes);
    const closed = { closed: false };
    let [at, turn] = [0, 0];
    const read = async () => {
      const value = all.subarray(at, at + (sizes[turn++ % sizes.length] as number));
      at += value.length;
      return at >= all.length && value.length === 0 ? { done: true } : { done: false, value };
    };
    const cancel = async () => {
      closed.closed = true;
    };
    const stream = () => ({ getReader: () => ({ read, cancel }) });
    return Object.assign(closed, { name: "a.wav", size: 0, arrayBuffer: () => Promise.reject(), stream });
  };
  const stereo = riff(
    chunk("LIST", [1, 2, 3]),
    chunk("fmt ", format(1, 24, 2)),
    chunk(
      "data",
      Array.from({ length: 6 * 50 }, (_, at) => (at * 37) % 256),
    ),
    chunk("LIST", [1]),
  );

  test("pieces have the samples of the whole, wherever bytes are parted", async () => {
    const whole = await readWav(source(stereo));
    expect(whole.channels.map(({ length }) => length)).toEqual([50, 50]);
    for (const sizes of [[1], [7], [44, 1, 2, 13], [1000]]) {
      const pieces: Sound[] = [];
      for await (const piece of wavPieces(inPieces(stereo, sizes))) pieces.push(piece);
      expect(pieces[0]).toEqual({ rate: 8000, channels: [new Float32Array(0), new Float32Array(0)] });
      for (const channel of [0, 1]) {
        const samples = pieces.flatMap(({ channels }) => Array.from(channels[channel] as Float32Array));
        expect(Float32Array.from(samples)).toEqual(whole.channels[channel]);
      }
    }
  });

  test("each piece comes before the next bytes are asked for, and whoever stops closes the source", async () => {
    const given = inPieces(wav(format(1, 16), [...two, ...two]), [44, 2]);
    for await (const { channels } of wavPieces(given)) if (channels[0]?.length) break;
    expect(given.closed).toBe(true);
  });

  test.each<[number[], string]>([
    [
      wav(format(1, 16), [...two, ...two]).slice(0, -3),
      'cut short: chunk "data" at byte 36: 8 bytes expected, 5 found',
    ],
    [
      riff(chunk("fmt ", format(1, 16)), chunk("data", [...two, 1], 0xffffffff)).slice(0, -1),
      "5 bytes of samples given, a multiple of 2 expected, the bytes of a sample of each channel",
    ],
    [
      wav(format(3, 32), floats(1, 2, 3, Number.NaN)),
      "sample 3 of channel 0: NaN given, a finite number expected, -1 to 1 at full scale",
    ],
  ])("what is wrong is told after what is right: %#", async (bytes, message) => {
    let count = 0;
    const read = async () => {
      for await (const { channels } of wavPieces(inPieces(bytes, [6]))) count += channels[0]?.length ?? 0;
    };
    await expect(read).rejects.toThrow(new DataError(`a.wav: ${message}`));
    expect(count).toBeGreaterThan(0);
  });

  test.each([0xffffffff, 0x7ffff000, 0x80000000])("a size that a pipe does not know: %i", async (size) => {
    const endless = riff(chunk("fmt ", format(1, 16)), chunk("data", two, size));
    expect((await read(endless)).channels).toEqual([[0, 0.5]]);
  });
});

test("what is no source", async () => {
  await expect(readWav("a.wav" as never)).rejects.toThrow(UsageError);
  await expect(readWav(undefined as never)).rejects.toThrow(/^readWav: undefined given/);
  expect(() => wavPieces("a.wav" as never)).toThrow(UsageError);
});

describe("a recording of a digit", () => {
  test("is 16 bits at 8000 Hz", async (context) => {
    const bytes = readFileSync(realData("fsdd/recordings/0_george_0.wav", context));
    const { rate, channels } = await read(bytes);
    expect([rate, channels.length]).toEqual([8000, 1]);
    expect(channels[0]?.length).toBe((bytes.length - 44) / 2);
    expect(channels[0]?.slice(0, 3)).toEqual([44, 46, 48].map((at) => bytes.readInt16LE(at) / 2 ** 15));
  });
});

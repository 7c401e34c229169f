// safetensors: what is written is read back, what PyTorch wrote is read, and every damaged file is refused in one line.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import type { TensorData } from "../../src/formats/dtypes.ts";
import {
  checkTensors,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "../../src/formats/safetensors.ts";

/** A file of the given header text (or header value) and data bytes, without any of the writer's care. */
function raw(header: unknown, data: number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const u8 = (begin: number, end: number, shape: unknown = [end - begin]) => ({
  dtype: "U8",
  shape,
  data_offsets: [begin, end],
});

const arrays: fc.Arbitrary<TensorData> = fc.oneof(
  fc.float32Array({ maxLength: 24 }),
  fc.float64Array({ maxLength: 24 }),
  fc.int32Array({ maxLength: 24 }),
  fc.bigInt64Array({ maxLength: 24 }),
  fc.uint8Array({ maxLength: 24 }),
  fc.int8Array({ maxLength: 24 }),
  fc.int16Array({ maxLength: 24 }),
  fc.uint16Array({ maxLength: 24 }),
  fc.uint32Array({ maxLength: 24 }),
  fc.bigUint64Array({ maxLength: 24 }),
);
const names = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "7", "toString", ""),
);
const files: fc.Arbitrary<SafetensorsFile> = fc.record({
  tensors: fc
    .array(fc.tuple(names, arrays, fc.boolean()), { maxLength: 5 })
    .map(
      (list) =>
        new Map(
          list.map(([name, data, flat]) => [name, { shape: flat ? [data.length] : [1, data.length], data }]),
        ),
    ),
  metadata: fc
    .array(fc.tuple(names, fc.string({ unit: "binary" })), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries)),
});

describe("a round trip", () => {
  it("keeps names, shapes, types, bits and metadata", () => {
    fc.assert(
      fc.property(files, (file) => {
        const bytes = writeSafetensors(file);
        const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(headerBytes % 8).toBe(0);
        const again = readSafetensors(bytes, "file");
        expect(again.metadata).toEqual(file.metadata);
        expect(again.tensors).toEqual(file.tensors);
        expect(writeSafetensors(again).length).toBe(bytes.length);
      }),
    );
  });

  it("lays tensors in the given order and reads them in the order of the file", () => {
    const tensors = new Map([
      ["z", { shape: [1], data: Float32Array.of(1) }],
      ["10", { shape: [], data: Float32Array.of(2) }],
      ["9", { shape: [1, 1], data: Float32Array.of(3) }],
    ]);
    const bytes = writeSafetensors({ tensors, metadata: {} });
    expect([...new Float32Array(bytes.slice(-12).buffer)]).toEqual([1, 2, 3]);
    expect([...readSafetensors(bytes, "file").tensors.keys()]).toEqual(["z", "10", "9"]);
  });

  it("reads from an odd address and keeps nothing of the bytes it was given", () => {
    const data = Float32Array.of(1.5, -2, 3e-40);
    const written = writeSafetensors({ tensors: new Map([["w", { shape: [3], data }]]), metadata: {} });
    const shifted = Buffer.alloc(written.length + 1).subarray(1);
    shifted.set(written);
    const read = readSafetensors(shifted, "file");
    shifted.fill(0);
    expect(read.tensors.get("w")?.data).toEqual(data);
  });

  it("writes part of a larger array, and none of its neighbours", () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const bytes = writeSafetensors({ tensors: new Map([["w", { shape: [2], data }]]), metadata: {} });
    expect(readSafetensors(bytes, "file").tensors.get("w")?.data).toEqual(Float32Array.of(2, 3));
  });
});

describe("half precision", () => {
  const halves = (dtype: string, bits: number[]) => {
    const data = bits.flatMap((value) => [value & 0xff, value >> 8]);
    const header = { h: { dtype, shape: [bits.length], data_offsets: [0, data.length] } };
    const { tensors } = readSafetensors(raw(header, data), "file");
    return Array.from(tensors.get("h")?.data ?? [], Number);
  };

  it("F16 is read exactly: subnormals, the largest number, infinities, NaN, -0", () => {
    const bits = [0x3c00, 0xc000, 0x3555, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000];
    const subnormal = 2 ** -24;
    expect(halves("F16", bits)).toEqual([
      1,
      -2,
      0.333251953125,
      subnormal,
      1023 * subnormal,
      2 ** -14,
      65504,
      Infinity,
      -Infinity,
      NaN,
      -0,
    ]);
  });

  it("BF16 is the upper half of a float32", () => {
    const bits = [0x3f80, 0xc049, 0x0001, 0x7f80, 0xff80, 0x7fc0];
    expect(halves("BF16", bits)).toEqual([1, -3.140625, 2 ** -133, Infinity, -Infinity, NaN]);
  });
});

describe("element types", () => {
  const file = (dtype: string, data: number[], shape: number[]) =>
    raw({ a: { dtype, shape, data_offsets: [0, data.length] } }, data);

  it.each<[string, number[], TensorData]>([
    ["BOOL", [0, 1, 255], Uint8Array.of(0, 1, 1)],
    ["I8", [255, 1], Int8Array.of(-1, 1)],
    ["U8", [255, 1], Uint8Array.of(255, 1)],
    ["I16", [0, 128, 1, 0], Int16Array.of(-32768, 1)],
    ["U16", [0, 128, 1, 0], Uint16Array.of(32768, 1)],
    ["I32", [0, 0, 0, 128], Int32Array.of(-(2 ** 31))],
    ["U32", [0, 0, 0, 128], Uint32Array.of(2 ** 31)],
    ["U64", [1, 0, 0, 0, 0, 0, 0, 128], BigUint64Array.of(2n ** 63n + 1n)],
    ["U16", [], new Uint16Array(0)],
  ])("%s %j is read", (dtype, data, expected) => {
    const { tensors } = readSafetensors(file(dtype, data, [expected.length]), "file");
    expect(tensors.get("a")).toEqual({ shape: [expected.length], data: expected });
  });

  it.each(["F8_E4M3", "F8_E5M2", "F4", "C64", "toString", "__proto__"])(
    "a tensor of %s is refused when it is wanted, and the others are read",
    (dtype) => {
      const header = { a: { dtype, shape: [2], data_offsets: [0, 3] }, b: u8(3, 4) };
      const { tensors } = readSafetensors(raw(header, [1, 2, 3, 7]), "file");
      expect(tensors.get("b")?.data).toEqual(Uint8Array.of(7));
      expect(tensors.get("a")?.shape).toEqual([2]);
      const refused = new RegExp(`^file: tensor "a" has dtype "${dtype}", expected one of F32, [^\\n]*$`);
      expect(() => tensors.get("a")?.data).toThrow(FormatError);
      expect(() => tensors.get("a")?.data).toThrow(refused);
      const wanted = { name: "a", shape: [2], dtype: "F32" as const };
      expect(() => checkTensors({ tensors, metadata: {} }, [wanted], "file")).toThrow(refused);
    },
  );
});

describe("files that PyTorch wrote", () => {
  const folder = join(import.meta.dirname, "../fixtures/torch");
  it("are read whole, and come out as the same bytes of data", () => {
    const paths = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const bytes = readFileSync(join(folder, path));
      const file = readSafetensors(bytes, path);
      expect(file.tensors.size).toBeGreaterThan(0);
      const again = writeSafetensors(file);
      const dataBytes = [...file.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      expect(Buffer.compare(again.subarray(-dataBytes), bytes.subarray(-dataBytes)), path).toBe(0);
    }
  });
});

describe("a damaged file is refused, naming the file and the reason:", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /cut short: 0 bytes/],
    ["seven bytes", new Uint8Array(7), /cut short: 7 bytes/],
    ["header length 0", new Uint8Array(8), /header length 0,/],
    ["header length huge", new Uint8Array(16).fill(255), /header length 18446744073709551615/],
    ["header cut short", raw({ a: u8(0, 1) }, [1]).subarray(0, 20), /cut short: the header takes \d+ bytes/],
    ["data cut short", raw({ a: u8(0, 4) }, [1, 2]), /cut short: tensor "a" ends at byte 4 .* holds 2/],
    ["bytes to spare", raw({ a: u8(0, 1) }, [1, 2]), /1 bytes after the last tensor/],
    ["not JSON", raw('{"a":'), /header is not JSON/],
    ["not UTF-8", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff), /header is not UTF-8/],
    ["a list", raw("[1]"), /header is not a JSON object/],
    ["null", raw("null"), /header is not a JSON object/],
    ["a tensor that is no object", raw({ a: 3 }), /tensor "a" is not described by a JSON object/],
    ["no dtype", raw({ a: { shape: [], data_offsets: [0, 1] } }), /tensor "a" has dtype undefined/],
    [
      "a dtype that is no string",
      raw({ a: { ...u8(0, 1), dtype: 8 } }, [1]),
      /has dtype 8, expected a string/,
    ],
    ["backwards, of a dtype not read", raw({ a: { ...u8(2, 1, [1]), dtype: "F4" } }, [1]), /give -1/],
    ["negative size", raw({ a: u8(0, 1, [-1]) }, [1]), /shape \[-1\], expected whole numbers/],
    ["fractional size", raw({ a: u8(0, 1, [0.5, 2]) }, [1]), /shape \[0.5,2\], expected whole numbers/],
    ["size beyond exact numbers", raw({ a: u8(0, 1, [2 ** 60]) }, [1]), /expected whole numbers/],
    ["overflowing shape", raw({ a: u8(0, 0, Array(40).fill(2 ** 52)) }), /takes Infinity bytes/],
    ["no shape", raw({ a: { dtype: "U8", data_offsets: [0, 1] } }, [1]), /shape undefined/],
    [
      "shape that disagrees",
      raw({ a: u8(0, 3, [2]) }, [1, 2, 3]),
      /shape \[2\] of U8 takes 2 bytes, .* give 3/,
    ],
    ["one offset", raw({ a: { ...u8(0, 1), data_offsets: [0] } }, [1]), /data_offsets \[0\], expected/],
    ["offsets backwards", raw({ a: { ...u8(0, 1), data_offsets: [1, 0] } }, [1]), /give -1/],
    ["negative offset", raw({ a: { ...u8(0, 1), data_offsets: [-1, 0] } }, [1]), /data_offsets \[-1,0\]/],
    ["overlap", raw({ a: u8(0, 2), b: u8(1, 3) }, [1, 2, 3]), /tensor "b" overlaps/],
    ["the same bytes twice", raw({ a: u8(0, 2), b: u8(0, 2) }, [1, 2]), /tensor "b" overlaps/],
    ["hole", raw({ a: u8(0, 1), b: u8(2, 3) }, [1, 2, 3]), /bytes 1 to 2 of the data, before tensor "b"/],
    ["hole at the start", raw({ a: u8(1, 2) }, [1, 2]), /bytes 0 to 1 of the data, before tensor "a"/],
    ["metadata of numbers", raw({ __metadata__: { epoch: 3 } }), /__metadata__ "epoch" is not a string/],
    ["metadata a list", raw({ __metadata__: [] }), /__metadata__ is not a JSON object/],
    ["metadata twice", raw('{"__metadata__":{},"__metadata__":{}}'), /has the key "__metadata__" twice/],
    ["a metadata key twice", raw('{"__metadata__":{"a":"x","a":"y"}}'), /has the key "a" twice/],
    ["a name twice, once escaped", raw('{"a\\u0062":1,"ab":2}'), /has the key "ab" twice/],
  ];
  it.each(cases)("%s", (_, bytes, reason) => {
    const read = () => readSafetensors(bytes, "run/model.safetensors");
    expect(read).toThrow(FormatError);
    expect(read).toThrow(reason);
    expect(read).toThrow(/^run\/model\.safetensors: [^\n]*$/);
  });

  it("a file that has no name is called the file", () => {
    const file = { tensors: new Map(), metadata: {} };
    const expected = [{ name: "w", shape: [1], dtype: "F32" }] as const;
    expect(() => readSafetensors(new Uint8Array(3))).toThrow(/^the file: cut short: /);
    expect(() => checkTensors(file, expected)).toThrow('the file: tensor "w" is missing');
  });

  it("the same key in different objects is no repetition, nor is a key inside of a string", () => {
    const bytes = raw(
      '{"__metadata__":{"a":"\\"a\\":1,\\"a\\":2","b\\\\":"a"},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
    );
    expect(readSafetensors(bytes, "file").metadata).toEqual({ a: '"a":1,"a":2', "b\\": "a" });
  });

  it("any file that lost bytes at its end", () => {
    fc.assert(
      fc.property(files, fc.nat(), (file, cut) => {
        const bytes = writeSafetensors(file);
        const shorter = bytes.subarray(0, cut % bytes.length);
        expect(() => readSafetensors(shorter, "file")).toThrow(FormatError);
        expect(() => readSafetensors(bytes.subarray(0, -1), "file")).toThrow(FormatError);
      }),
    );
  });

  it("any header with bytes changed is read or refused, never another error", () => {
    const edits = fc.array(
      fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:0-9eu\\')))),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    let refused = 0;
    fc.assert(
      fc.property(files, edits, (file, changes) => {
        const bytes = writeSafetensors(file);
        const headerEnd = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        for (const [at, value] of changes) bytes[at % headerEnd] = value;
        try {
          readSafetensors(bytes, "file");
        } catch (error) {
          refused++;
          expect(error).toBeInstanceOf(FormatError);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

describe("what cannot be written", () => {
  const write = (tensors: [string, { shape: number[]; data: TensorData }][], metadata = {}) =>
    writeSafetensors({ tensors: new Map(tensors), metadata });

  it("is refused", () => {
    expect(() => write([["w", { shape: [2, 2], data: new Float32Array(3) }]])).toThrow(
      /"w": shape \[2, 2\] .* 3/,
    );
    expect(() => write([["__metadata__", { shape: [], data: new Float32Array(1) }]])).toThrow(FormatError);
    expect(() => write([], { epoch: 3 })).toThrow(/metadata "epoch": expected a string/);
  });

  it.each<[string, unknown, string]>([
    ["a plain array", [1, 2], "an array of 2"],
    ["clamped bytes", new Uint8ClampedArray(2), "an Uint8ClampedArray"],
    ["a view without elements", new DataView(new ArrayBuffer(2)), "a DataView"],
    ["a lie", { [Symbol.toStringTag]: "Float32Array", length: 2, byteLength: 8 }, "a Float32Array"],
    ["nothing", undefined, "undefined"],
  ])("%s as data", (_, data, given) => {
    const written = () => write([["w", { shape: [2], data: data as TensorData }]]);
    expect(written).toThrow(FormatError);
    expect(written).toThrow(`tensor "w": data is ${given}, expected one of Float32Array, `);
  });

  it.each([[[0.5, 4]], [[-1, -2]], [Int32Array.of(2)], [undefined]])("the shape %j", (shape) => {
    const tensor = { shape: shape as number[], data: new Float32Array(2) };
    expect(() => write([["w", tensor]])).toThrow(/^tensor "w": shape .*, expected whole numbers from 0$/);
  });

  it("text that UTF-8 cannot hold, which would be read as another: names could collide", () => {
    const tensor = { shape: [], data: new Float32Array(1) };
    const half = "has half of a surrogate pair, which UTF-8 cannot hold";
    expect(() => write([["w\ud800", tensor]])).toThrow(`a tensor's name: "w\\ud800" ${half}`);
    expect(() => write([], { "\udc00": "" })).toThrow(`a metadata key: "\\udc00" ${half}`);
    expect(() => write([], { text: `${"x".repeat(50)}\ud83d` })).toThrow(
      `metadata "text": a text of 51 ${half}`,
    );
    expect(() => write([["\ud83d\ude00\ufffd", tensor]], { "\ud83d\ude00": "\ufffd" })).not.toThrow();
  });

  it("containers of another kind, whose entries would be lost", () => {
    const tensors = new Map();
    const wrong = (file: object) => () => writeSafetensors(file as SafetensorsFile);
    expect(wrong({ tensors: {}, metadata: {} })).toThrow("tensors: an object given, a Map of names");
    expect(wrong({ tensors, metadata: new Map() })).toThrow("metadata: a Map given, an object of strings");
    expect(wrong({ tensors })).toThrow("metadata: undefined given, an object of strings");
  });
});

describe("arrays of another realm", () => {
  it("are written and read as this one's", () => {
    const file = runInNewContext(`({
      tensors: new Map([
        ["f", { shape: [2], data: Float32Array.of(1.5, -2) }],
        ["h", { shape: [1], data: Int16Array.of(-3) }],
        ["l", { shape: [1], data: BigInt64Array.of(-4n) }],
      ]),
      metadata: { a: "b" },
    })`) as SafetensorsFile;
    const bytes = writeSafetensors(file);
    const foreign = runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] }) as Uint8Array;
    for (const given of [bytes, foreign]) {
      const { tensors, metadata } = readSafetensors(given, "file");
      expect(metadata).toEqual({ a: "b" });
      expect([...tensors]).toEqual([
        ["f", { shape: [2], data: Float32Array.of(1.5, -2) }],
        ["h", { shape: [1], data: Int16Array.of(-3) }],
        ["l", { shape: [1], data: BigInt64Array.of(-4n) }],
      ]);
    }
  });

  it("what is no array of bytes is refused", () => {
    for (const given of [new ArrayBuffer(8), "text", undefined] as unknown[]) {
      expect(() => readSafetensors(given as Uint8Array, "file")).toThrow(
        /^file: .* given, a Uint8Array expected$/,
      );
    }
  });
});

describe("checkTensors", () => {
  const file = (data: TensorData): SafetensorsFile => ({
    tensors: new Map([
      ["bias", { shape: [2], data: new Float32Array(2) }],
      ["weight", { shape: [2, 2], data }],
    ]),
    metadata: {},
  });
  const expected = [
    { name: "weight", shape: [2, 2], dtype: "F32" as const },
    { name: "bias", shape: [2], dtype: "F32" as const },
  ];
  const check =
    (data: TensorData, wanted = expected) =>
    () =>
      checkTensors(file(data), wanted, "m");

  it("accepts what was expected, in any order", () => {
    expect(check(Float32Array.of(1, 2, -0, 3e38))).not.toThrow();
  });

  it("names what is missing, surplus, of another shape or dtype, or not finite", () => {
    const good = new Float32Array(4);
    expect(check(good, [...expected, { name: "h", shape: [1], dtype: "F32" }])).toThrow(
      'm: tensor "h" is missing',
    );
    expect(check(good, expected.slice(0, 1))).toThrow('m: tensor "bias" is not expected');
    expect(check(good, [{ name: "weight", shape: [4], dtype: "F32" }])).toThrow(
      'm: tensor "weight" has shape [2, 2], expected [4]',
    );
    expect(check(good, [{ name: "weight", shape: [2, 3], dtype: "F32" }])).toThrow("expected [2, 3]");
    expect(check(new Int32Array(4))).toThrow('m: tensor "weight" has dtype I32, expected F32');
    expect(check(Float32Array.of(0, 1, NaN, 3))).toThrow('m: tensor "weight" holds NaN at index 2');
    expect(check(Float32Array.of(0, -Infinity, 2, 3))).toThrow(
      'm: tensor "weight" holds -Infinity at index 1',
    );
  });
});

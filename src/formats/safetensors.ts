/**
 * The safetensors file format: named arrays and string metadata. Reads and writes whole files in memory; refuses every
 * file that is not exactly right, and knows nothing of models.
 *
 * Layout: header length (u64, little-endian), header (JSON: name -> dtype, shape, data_offsets; `__metadata__` -> strings),
 * then the arrays, row-major and little-endian, without gaps. https://github.com/huggingface/safetensors
 */
import { FormatError } from "../errors.ts";
import { isObject, parseJson } from "./json.ts";

/** The array types that a tensor in memory can have. F16 and BF16 are read as Float32Array. */
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** The element types that are written; F16 and BF16 are read besides these. */
export type StoredDtype = "F32" | "F64" | "I32" | "I64" | "U8";

/** A tensor of a file: `data` is row-major and holds as many elements as `shape` says ([] is one element). */
export interface StoredTensor {
  shape: number[];
  data: TensorData;
}

/** What a file holds: tensors in the order in which they lie in the file, and metadata of strings. */
export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

/** A tensor that a file must hold. */
export interface ExpectedTensor {
  name: string;
  shape: readonly number[];
  dtype: StoredDtype;
}

const METADATA = "__metadata__";
const LENGTH_BYTES = 8;
/** The longest header in bytes, as in the format's reference implementation. */
const LONGEST_HEADER = 100_000_000;

/** Bytes an element takes in a file, and how the bytes of a tensor (in a buffer of their own) become an array. */
const DTYPES: Record<string, { bytes: number; read: (buffer: ArrayBuffer) => TensorData }> = {
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  F64: { bytes: 8, read: (buffer) => new Float64Array(buffer) },
  I32: { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  I64: { bytes: 8, read: (buffer) => new BigInt64Array(buffer) },
  U8: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) },
  BF16: { bytes: 2, read: widenBfloat16 },
};

/** The element type under which `data` is written. */
export function dtypeOf(data: TensorData): StoredDtype {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Int32Array) return "I32";
  if (data instanceof BigInt64Array) return "I64";
  return "U8";
}

/**
 * Reads a safetensors file. Every tensor gets memory of its own, so `bytes` may be reused afterwards.
 *
 * @param where the file's name, for messages
 * @throws FormatError naming the file and what is wrong with it
 */
export function readSafetensors(bytes: Uint8Array, where: string): SafetensorsFile {
  const fail = (reason: string): never => {
    throw new FormatError(`${where}: ${reason}`);
  };
  const { header, dataStart } = readHeader(bytes, where);
  const dataBytes = bytes.length - dataStart;
  const metadata = readMetadata(header[METADATA], where);

  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readEntry(name, entry, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  const tensors = new Map<string, StoredTensor>();
  let end = 0;
  for (const entry of entries) {
    const name = JSON.stringify(entry.name);
    if (entry.begin < end)
      fail(`tensor ${name} overlaps the tensor before it (byte ${entry.begin} of the data)`);
    if (entry.begin > end)
      fail(`bytes ${end} to ${entry.begin} of the data, before tensor ${name}, belong to no tensor`);
    if (entry.end > dataBytes) {
      fail(`cut short: tensor ${name} ends at byte ${entry.end} of the data, the file holds ${dataBytes}`);
    }
    end = entry.end;
    const own = new Uint8Array(entry.end - entry.begin);
    own.set(bytes.subarray(dataStart + entry.begin, dataStart + entry.end));
    tensors.set(entry.name, { shape: entry.shape, data: entry.read(own.buffer) });
  }
  if (end < dataBytes) fail(`${dataBytes - end} bytes after the last tensor belong to no tensor`);
  return { tensors, metadata };
}

/**
 * The bytes of a safetensors file. Tensors are laid out in the order of the map; the header is padded with spaces so
 * that the data starts at a multiple of 8 bytes.
 *
 * @throws FormatError when a tensor's shape does not fit its data, or a name or metadata value cannot be stored
 */
export function writeSafetensors(file: SafetensorsFile): Uint8Array {
  const header: [string, unknown][] = [];
  const metadata = Object.entries(file.metadata);
  for (const [key, value] of metadata) {
    if (typeof value !== "string")
      throw new FormatError(`metadata ${JSON.stringify(key)}: expected a string`);
  }
  if (metadata.length > 0) header.push([METADATA, Object.fromEntries(metadata)]);

  let dataBytes = 0;
  for (const [name, { shape, data }] of file.tensors) {
    if (name === METADATA) throw new FormatError(`a tensor cannot be named ${METADATA}`);
    const elements = elementCount(shape);
    if (elements !== data.length) {
      const given = `shape [${shape.join(", ")}] does not fit ${data.length} elements`;
      throw new FormatError(`tensor ${JSON.stringify(name)}: ${given}`);
    }
    const begin = dataBytes;
    dataBytes += data.byteLength;
    header.push([name, { dtype: dtypeOf(data), shape, data_offsets: [begin, dataBytes] }]);
  }

  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  if (headerBytes > LONGEST_HEADER) {
    throw new FormatError(`the header takes ${headerBytes} bytes, at most ${LONGEST_HEADER} can be stored`);
  }
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  bytes.fill(0x20, LENGTH_BYTES + json.length, at);
  for (const { data } of file.tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Checks that a file holds exactly the expected tensors, and finite numbers only.
 *
 * @param where the file's name, for messages
 * @throws FormatError naming the tensor that is missing, not expected, of another shape or dtype, or not finite
 */
export function checkTensors(
  file: SafetensorsFile,
  expected: readonly ExpectedTensor[],
  where: string,
): void {
  const names = new Set(expected.map(({ name }) => name));
  for (const { name, shape, dtype } of expected) {
    const label = `${where}: tensor ${JSON.stringify(name)}`;
    const tensor = file.tensors.get(name);
    if (tensor === undefined) throw new FormatError(`${label} is missing`);
    const given = dtypeOf(tensor.data);
    if (given !== dtype) throw new FormatError(`${label} has dtype ${given}, expected ${dtype}`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      const wanted = `expected [${shape.join(", ")}]`;
      throw new FormatError(`${label} has shape [${tensor.shape.join(", ")}], ${wanted}`);
    }
    const { data } = tensor;
    if (data instanceof BigInt64Array) continue;
    const index = data.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) throw new FormatError(`${label} holds ${data[index]} at index ${index}`);
  }
  for (const name of file.tensors.keys()) {
    if (!names.has(name)) throw new FormatError(`${where}: tensor ${JSON.stringify(name)} is not expected`);
  }
}

function readHeader(
  bytes: Uint8Array,
  where: string,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw new FormatError(`${where}: cut short: ${bytes.length} bytes, a safetensors file starts with 8`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length < 2n || length > BigInt(LONGEST_HEADER)) {
    const bounds = `expected 2 to ${LONGEST_HEADER}`;
    throw new FormatError(`${where}: not a safetensors file: header length ${length}, ${bounds}`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.length) {
    const held = `the file holds ${bytes.length - LENGTH_BYTES} after the length`;
    throw new FormatError(`${where}: cut short: the header takes ${length} bytes, ${held}`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(LENGTH_BYTES, dataStart),
    );
  } catch {
    throw new FormatError(`${where}: header is not UTF-8`);
  }
  const header = parseJson(text, `${where}: header`);
  if (!isObject(header)) throw new FormatError(`${where}: header is not a JSON object`);
  return { header, dataStart };
}

function readMetadata(metadata: unknown, where: string): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isObject(metadata)) throw new FormatError(`${where}: ${METADATA} is not a JSON object`);
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new FormatError(`${where}: ${METADATA} ${JSON.stringify(key)} is not a string`);
    }
  }
  return metadata as Record<string, string>;
}

function readEntry(name: string, entry: unknown, where: string) {
  const label = `${where}: tensor ${JSON.stringify(name)}`;
  if (!isObject(entry)) throw new FormatError(`${label} is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = typeof dtype === "string" && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (type === undefined) {
    const known = Object.keys(DTYPES).join(", ");
    throw new FormatError(`${label} has dtype ${JSON.stringify(dtype)}, expected one of ${known}`);
  }
  if (!isSizes(shape)) {
    throw new FormatError(`${label} has shape ${JSON.stringify(shape)}, expected whole numbers from 0`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new FormatError(`${label} has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const needed = elementCount(shape) * type.bytes;
  if (end - begin !== needed) {
    const given = `shape [${shape.join(", ")}] of ${dtype} takes ${needed} bytes`;
    throw new FormatError(`${label}: ${given}, data_offsets [${begin}, ${end}] give ${end - begin}`);
  }
  return { name, shape, begin, end, read: type.read };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** IEEE 754 binary16, given as its bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A bfloat16 is the upper half of a float32. */
function widenBfloat16(buffer: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
}

/**
 * The safetensors file format: named arrays and string metadata. Reads and writes whole files in memory; refuses every
 * file that is not exactly right, and knows nothing of models. A tensor of an element type that is not read (dtypes.ts)
 * is refused when its data is wanted, so that the others of the file can be used.
 *
 * Layout: header length (u64, little-endian), header (JSON: name -> dtype, shape, data_offsets; `__metadata__` -> strings),
 * then the arrays, row-major and little-endian, without gaps. https://github.com/huggingface/safetensors
 */
import { printGiven, tagOf } from "../checks.ts";
import { FormatError } from "../errors.ts";
import { dtypeOf, elementType, READABLE_DTYPES, type StoredDtype, type TensorData } from "./dtypes.ts";
import { isObject, parseJson } from "./json.ts";

export type { StoredDtype, TensorData } from "./dtypes.ts";

/**
 * A tensor of a file: `data` is row-major and holds as many elements as `shape` says ([] is one element). Of a tensor that
 * was read, `data` throws FormatError if its element type is not one that can be read, such as F8_E4M3.
 */
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

/** Half of a surrogate pair, alone: no text in UTF-8 has it. */
const ILL_FORMED = /\p{Surrogate}/u;

/**
 * Reads a safetensors file. Every tensor gets memory of its own, so `bytes` may be reused afterwards.
 *
 * @param where the file's name, for messages; default "the file"
 * @throws FormatError naming the file and what is wrong with it
 */
export function readSafetensors(bytes: Uint8Array, where = "the file"): SafetensorsFile {
  const fail = (reason: string): never => {
    throw new FormatError(`${where}: ${reason}`);
  };
  if (tagOf(bytes) !== "Uint8Array") fail(`${printGiven(bytes)} given, a Uint8Array expected`);
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
    tensors.set(
      entry.name,
      readTensor(entry, bytes.subarray(dataStart + entry.begin, dataStart + entry.end)),
    );
  }
  if (end < dataBytes) fail(`${dataBytes - end} bytes after the last tensor belong to no tensor`);
  return { tensors, metadata };
}

/**
 * The bytes of a safetensors file. Tensors are laid out in the order of the map; the header is padded with spaces so
 * that the data starts at a multiple of 8 bytes.
 *
 * @throws FormatError when a tensor's shape does not fit its data, its data is no array that can be stored, or a name or
 *   metadata value is not well-formed text
 */
export function writeSafetensors(file: SafetensorsFile): Uint8Array {
  const tensors = requireMap(file.tensors);
  const header: [string, unknown][] = [];
  const metadata = metadataEntries(file.metadata);
  if (metadata.length > 0) header.push([METADATA, Object.fromEntries(metadata)]);

  let dataBytes = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) throw new FormatError(`a tensor cannot be named ${METADATA}`);
    requireText("a tensor's name", name);
    const label = `tensor ${JSON.stringify(name)}`;
    if (!isSizes(shape)) {
      throw new FormatError(`${label}: shape ${JSON.stringify(shape)}, expected whole numbers from 0`);
    }
    const dtype = dtypeOf(data, label);
    if (elementCount(shape) !== data.length) {
      throw new FormatError(`${label}: shape [${shape.join(", ")}] does not fit ${data.length} elements`);
    }
    const begin = dataBytes;
    dataBytes += data.byteLength;
    header.push([name, { dtype, shape, data_offsets: [begin, dataBytes] }]);
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
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Checks that a file holds exactly the expected tensors, and finite numbers only.
 *
 * @param where the file's name, for messages; default "the file"
 * @throws FormatError naming the tensor that is missing, not expected, of another shape or dtype, or not finite
 */
export function checkTensors(
  file: SafetensorsFile,
  expected: readonly ExpectedTensor[],
  where = "the file",
): void {
  const names = new Set(expected.map(({ name }) => name));
  for (const { name, shape, dtype } of expected) {
    const label = `${where}: tensor ${JSON.stringify(name)}`;
    const tensor = file.tensors.get(name);
    if (tensor === undefined) throw new FormatError(`${label} is missing`);
    const given = dtypeOf(tensor.data, label);
    if (given !== dtype) throw new FormatError(`${label} has dtype ${given}, expected ${dtype}`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      const wanted = `expected [${shape.join(", ")}]`;
      throw new FormatError(`${label} has shape [${tensor.shape.join(", ")}], ${wanted}`);
    }
    const { data } = tensor;
    if (dtype !== "F32" && dtype !== "F64") continue;
    const index = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
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
  if (typeof dtype !== "string") {
    throw new FormatError(`${label} has dtype ${JSON.stringify(dtype)}, expected a string`);
  }
  if (!isSizes(shape)) {
    throw new FormatError(`${label} has shape ${JSON.stringify(shape)}, expected whole numbers from 0`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new FormatError(`${label} has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const type = elementType(dtype);
  // How much a type takes that is not read is not known.
  const needed = type ? elementCount(shape) * type.bytes : Math.max(0, end - begin);
  if (end - begin !== needed) {
    const given = `shape [${shape.join(", ")}] of ${dtype} takes ${needed} bytes`;
    throw new FormatError(`${label}: ${given}, data_offsets [${begin}, ${end}] give ${end - begin}`);
  }
  return { name, label, dtype, shape, begin, end };
}

/** The tensor of an entry, in memory of its own. */
function readTensor({ label, dtype, shape }: ReturnType<typeof readEntry>, bytes: Uint8Array): StoredTensor {
  const type = elementType(dtype);
  if (type) {
    const own = new Uint8Array(bytes.length);
    own.set(bytes);
    return { shape, data: type.read(own.buffer) };
  }
  return {
    shape,
    get data(): never {
      const known = READABLE_DTYPES.join(", ");
      throw new FormatError(`${label} has dtype ${JSON.stringify(dtype)}, expected one of ${known}`);
    },
  };
}

function requireMap(tensors: SafetensorsFile["tensors"]): SafetensorsFile["tensors"] {
  if (tagOf(tensors) === "Map") return tensors;
  throw new FormatError(`tensors: ${printGiven(tensors)} given, a Map of names to tensors expected`);
}

function metadataEntries(metadata: SafetensorsFile["metadata"]): [string, string][] {
  if (tagOf(metadata) !== "Object") {
    throw new FormatError(`metadata: ${printGiven(metadata)} given, an object of strings expected`);
  }
  const entries = Object.entries(metadata);
  for (const [key, value] of entries) {
    requireText("a metadata key", key);
    requireText(`metadata ${JSON.stringify(key)}`, value);
  }
  return entries;
}

/** Throws FormatError for what is no string, and for one that UTF-8 cannot hold: what is read back would be another. */
function requireText(what: string, value: unknown): void {
  if (typeof value !== "string") throw new FormatError(`${what}: expected a string`);
  if (ILL_FORMED.test(value)) {
    const given = value.length <= 40 ? JSON.stringify(value) : `a text of ${value.length}`;
    throw new FormatError(`${what}: ${given} has half of a surrogate pair, which UTF-8 cannot hold`);
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** The element types of tensors in files: which are read, as which arrays, and under which an array is written. */

import { printGiven, tagOf } from "../checks.ts";
import { FormatError } from "../errors.ts";

/** The array types that a tensor in memory can have. F16 and BF16 are read as Float32Array, BOOL as Uint8Array of 0 and 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** The element types that are written; F16, BF16 and BOOL are read besides these. */
export type StoredDtype = "F32" | "F64" | "I8" | "I16" | "I32" | "I64" | "U8" | "U16" | "U32" | "U64";

/** Bytes an element takes in a file, and how the bytes of a tensor (in a buffer of their own) become an array. */
interface ElementType {
  readonly bytes: number;
  readonly read: (buffer: ArrayBuffer) => TensorData;
}

const READ: Readonly<Record<string, ElementType>> = {
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  F64: { bytes: 8, read: (buffer) => new Float64Array(buffer) },
  I8: { bytes: 1, read: (buffer) => new Int8Array(buffer) },
  I16: { bytes: 2, read: (buffer) => new Int16Array(buffer) },
  I32: { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  I64: { bytes: 8, read: (buffer) => new BigInt64Array(buffer) },
  U8: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  U16: { bytes: 2, read: (buffer) => new Uint16Array(buffer) },
  U32: { bytes: 4, read: (buffer) => new Uint32Array(buffer) },
  U64: { bytes: 8, read: (buffer) => new BigUint64Array(buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) },
  BF16: { bytes: 2, read: widenBfloat16 },
  BOOL: { bytes: 1, read: (buffer) => new Uint8Array(buffer).map((byte) => (byte === 0 ? 0 : 1)) },
};

const WRITTEN: Readonly<Record<string, StoredDtype>> = {
  Float32Array: "F32",
  Float64Array: "F64",
  Int8Array: "I8",
  Int16Array: "I16",
  Int32Array: "I32",
  BigInt64Array: "I64",
  Uint8Array: "U8",
  Uint16Array: "U16",
  Uint32Array: "U32",
  BigUint64Array: "U64",
};

/** The names of the element types that are read. */
export const READABLE_DTYPES: readonly string[] = Object.keys(READ);

/** How elements of a dtype are read; undefined for one that is not. */
export function elementType(dtype: string): ElementType | undefined {
  return Object.hasOwn(READ, dtype) ? READ[dtype] : undefined;
}

/**
 * The element type under which `data` is written, whatever realm it comes from.
 *
 * @throws FormatError starting with `label` when it is no array of a type that can be stored
 */
export function dtypeOf(data: TensorData, label: string): StoredDtype {
  const tag = tagOf(data);
  const dtype = ArrayBuffer.isView(data) && Object.hasOwn(WRITTEN, tag) ? WRITTEN[tag] : undefined;
  if (dtype !== undefined) return dtype;
  const known = Object.keys(WRITTEN).join(", ");
  throw new FormatError(`${label}: data is ${printGiven(data)}, expected one of ${known}`);
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

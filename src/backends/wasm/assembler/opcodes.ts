/** The bytes of WebAssembly's instructions, by operation; vectors have four lanes. */

import type { Operation } from "../../instructions/expressions.ts";
import { unsigned } from "./bytes.ts";

/** Of operations that are one instruction; what takes more, `print.ts` prints; lanes cannot be masked. */
export type OneInstruction = Exclude<
  Operation,
  | "i32xN.iota"
  | "vector.store_first"
  | "vector.exchange"
  | "vector.even"
  | "vector.odd"
  | "f64xN.promote_high_f32xN"
  | "f64xN.demote_to_f32xN"
  | "f64xN.convert_high_i32xN_s"
  | "f64xN.convert_high_i32xN_u"
>;

const vectorOpcode = 0xfd;
const simd = (opcode: number) => [vectorOpcode, ...unsigned(opcode)];

/** `v128.const` and `i8x16.shuffle`, which print what is in several instructions. */
export const constantOpcode = simd(0x0c);
export const shuffleOpcode = simd(0x0d);
export const demoteOpcode = simd(0x5e);

export const opcodes: Record<OneInstruction, readonly number[]> = {
  "i32.const": [0x41],
  "i32.load": [0x28],
  "i32.store": [0x36],
  "i32.eqz": [0x45],
  "i32.eq": [0x46],
  "i32.ne": [0x47],
  "i32.lt_s": [0x48],
  "i32.lt_u": [0x49],
  "i32.gt_s": [0x4a],
  "i32.gt_u": [0x4b],
  "i32.le_s": [0x4c],
  "i32.le_u": [0x4d],
  "i32.ge_s": [0x4e],
  "i32.ge_u": [0x4f],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.div_s": [0x6d],
  "i32.div_u": [0x6e],
  "i32.rem_s": [0x6f],
  "i32.rem_u": [0x70],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.xor": [0x73],
  "i32.shl": [0x74],
  "i32.shr_s": [0x75],
  "i32.shr_u": [0x76],
  "i32.rotl": [0x77],
  "i32.trunc_sat_f32_s": [0xfc, 0x00],
  "i32.reinterpret_f32": [0xbc],

  "f32.const": [0x43],
  "f32.load": [0x2a],
  "f32.store": [0x38],
  "f32.eq": [0x5b],
  "f32.ne": [0x5c],
  "f32.lt": [0x5d],
  "f32.gt": [0x5e],
  "f32.le": [0x5f],
  "f32.ge": [0x60],
  "f32.abs": [0x8b],
  "f32.neg": [0x8c],
  "f32.floor": [0x8e],
  "f32.sqrt": [0x91],
  "f32.add": [0x92],
  "f32.sub": [0x93],
  "f32.mul": [0x94],
  "f32.div": [0x95],
  "f32.min": [0x96],
  "f32.max": [0x97],
  "f32.convert_i32_s": [0xb2],
  "f32.reinterpret_i32": [0xbe],

  "atomics.load": [0xfe, 0x10],
  "atomics.store": [0xfe, 0x17],
  "atomics.add": [0xfe, 0x1e],
  "atomics.notify": [0xfe, 0x00],
  "atomics.wait": [0xfe, 0x01],

  "vector.load": simd(0x00),
  "vector.load32_splat": simd(0x09),
  "vector.load32_zero": simd(0x5c),
  "vector.load64_zero": simd(0x5d),
  "vector.store": simd(0x0b),
  "vector.store64_low": simd(0x5b),
  "vector.load32_lane": simd(0x56),
  "vector.store32_lane": simd(0x5a),
  "vector.shuffle": shuffleOpcode,
  "vector.not": simd(0x4d),
  "vector.and": simd(0x4e),
  "vector.andnot": simd(0x4f),
  "vector.or": simd(0x50),
  "vector.xor": simd(0x51),
  "vector.bitselect": simd(0x52),
  "vector.any_true": simd(0x53),

  "i32xN.const": constantOpcode,
  "i32xN.splat": simd(0x11),
  "i32xN.extract_lane": simd(0x1b),
  "i32xN.eq": simd(0x37),
  "i32xN.ne": simd(0x38),
  "i32xN.lt_s": simd(0x39),
  "i32xN.lt_u": simd(0x3a),
  "i32xN.gt_s": simd(0x3b),
  "i32xN.le_s": simd(0x3d),
  "i32xN.ge_s": simd(0x3f),
  "i32xN.abs": simd(0xa0),
  "i32xN.neg": simd(0xa1),
  "i32xN.all_true": simd(0xa3),
  "i32xN.shl": simd(0xab),
  "i32xN.shr_s": simd(0xac),
  "i32xN.shr_u": simd(0xad),
  "i32xN.add": simd(0xae),
  "i32xN.sub": simd(0xb1),
  "i32xN.mul": simd(0xb5),
  "i32xN.min_s": simd(0xb6),
  "i32xN.max_s": simd(0xb8),
  "i32xN.trunc_sat_f32xN_s": simd(0xf8),

  "f32xN.const": constantOpcode,
  "f32xN.splat": simd(0x13),
  "f32xN.extract_lane": simd(0x1f),
  "f32xN.eq": simd(0x41),
  "f32xN.ne": simd(0x42),
  "f32xN.lt": simd(0x43),
  "f32xN.gt": simd(0x44),
  "f32xN.le": simd(0x45),
  "f32xN.ge": simd(0x46),
  "f32xN.ceil": simd(0x67),
  "f32xN.floor": simd(0x68),
  "f32xN.trunc": simd(0x69),
  "f32xN.nearest": simd(0x6a),
  "f32xN.abs": simd(0xe0),
  "f32xN.neg": simd(0xe1),
  "f32xN.sqrt": simd(0xe3),
  "f32xN.add": simd(0xe4),
  "f32xN.sub": simd(0xe5),
  "f32xN.mul": simd(0xe6),
  "f32xN.div": simd(0xe7),
  "f32xN.min": simd(0xe8),
  "f32xN.max": simd(0xe9),
  "f32xN.pmin": simd(0xea),
  "f32xN.pmax": simd(0xeb),
  "f32xN.convert_i32xN_s": simd(0xfa),
  "f32xN.relaxed_madd": simd(0x105),
  "f32xN.relaxed_nmadd": simd(0x106),

  "f64xN.const": constantOpcode,
  "f64xN.add": simd(0xf0),
  "f64xN.sub": simd(0xf1),
  "f64xN.mul": simd(0xf2),
  "f64xN.div": simd(0xf3),
  "f64xN.pmin": simd(0xf6),
  "f64xN.pmax": simd(0xf7),
  "f64xN.promote_low_f32xN": simd(0x5f),
  "f64xN.convert_low_i32xN_s": simd(0xfe),
  "f64xN.convert_low_i32xN_u": simd(0xff),

  "i64xN.const": constantOpcode,
  "i64xN.add": simd(0xce),
  "i64xN.shl": simd(0xcb),
  "i64xN.shr_u": simd(0xcd),
  "i64xN.extend_low_i32xN_u": simd(0xc9),
  "i64xN.extend_high_i32xN_u": simd(0xca),
  "i64xN.extmul_low_i32xN_u": simd(0xde),
  "i64xN.extmul_high_i32xN_u": simd(0xdf),

  "i8x16.const": constantOpcode,
  "i8x16.swizzle": simd(0x0e),
};

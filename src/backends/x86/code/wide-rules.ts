/** Selection of vectors of 64-bit elements, half as many as there are lanes, and of bytes. */

import type { Expression } from "../../instructions/expressions.ts";
import { type Form, none } from "./instruction.ts";
import * as halves from "./lane-forms.ts";
import type { Rule, Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";
import { constantTo, direct, exchanged, shift } from "./vector-rules.ts";

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

const { doubles } = vectors;

/** The half of a vector: the first one is read where it stands. */
function half(selector: Selector, expression: Expression, isHigh: boolean): number {
  const value = selector.value(expression);
  if (!isHigh) return value;
  return selector.vector(
    halves.highHalf(selector.bits, selector.set),
    value,
    none,
    none,
    selector.bits === 128 ? 0xee : 1,
  );
}

/** to = form of half of the lanes. */
const widen =
  (form: Form, isHigh: boolean): Rule =>
  (selector, { operands }, to) =>
    selector.vector(form, half(selector, operands[0] as Expression, isHigh), none, none, 0, to);

/** Without a sign: with AVX2 as the low bits of 2^52 and more. */
const widenUnsigned =
  (isHigh: boolean): Rule =>
  (selector, { operands }, to) => {
    const part = half(selector, operands[0] as Expression, isHigh);
    if (selector.set === "avx512") return selector.vector(halves.fromUnsigned, part, none, none, 0, to);
    const magic = selector.constant(0, 0x43300000);
    const bits = selector.vector(vectors.bits.or, selector.vector(halves.extend, part), magic);
    return selector.vector(doubles.sub, bits, magic, none, 0, to);
  };

/** Both vectors of float64 to half a vector of float32 each. */
const demote: Rule = (selector, { operands }, to) => {
  const [a, b] = operands.map((operand) => selector.value(operand)) as [number, number];
  const low = selector.vector(halves.demote, a);
  const high = selector.vector(halves.demote, b);
  return selector.vector(halves.joinHalves(selector.bits, selector.set), low, high, none, 1, to);
};

const multiplyHalves =
  (isHigh: boolean): Rule =>
  (selector, { operands }, to) => {
    const parts = operands.map((operand) => half(selector, operand, isHigh));
    const [a, b] = parts.map((part) => selector.vector(halves.extend, part)) as [number, number];
    return selector.vector(halves.multiply, a, b, none, 0, to);
  };

/** Within each 16 bytes; 0 for a position from 16 on, which vpshufb gives where the highest bit is set. */
const swizzle: Rule = (selector, { operands }, to) => {
  const [a, b] = operands as [Expression, Expression];
  const table = selector.value(a);
  const isPlain = b.op === "i8x16.const" && b.immediates.every((byte) => (byte & 0xff) < 16);
  const positions = selector.value(b);
  if (isPlain) return selector.vector(halves.swizzle, table, positions, none, 0, to);
  const raised = selector.vector(vectors.addBytes, positions, selector.constant(0x70707070));
  return selector.vector(halves.swizzle, table, raised, none, 0, to);
};

export const wideRules = {
  "f64xN.const": (selector, { immediates }, to) => {
    float[0] = immediates[0] as number;
    return constantTo(selector, selector.constant(...words), to);
  },
  ...{ "f64xN.add": direct(doubles.add), "f64xN.sub": direct(doubles.sub) },
  ...{ "f64xN.mul": direct(doubles.mul), "f64xN.div": direct(doubles.div) },
  ...{ "f64xN.pmin": exchanged(doubles.min), "f64xN.pmax": exchanged(doubles.max) },
  "f64xN.promote_low_f32xN": widen(halves.promote, false),
  "f64xN.promote_high_f32xN": widen(halves.promote, true),
  "f64xN.demote_to_f32xN": demote,
  "f64xN.convert_low_i32xN_s": widen(halves.fromSigned, false),
  "f64xN.convert_high_i32xN_s": widen(halves.fromSigned, true),
  "f64xN.convert_low_i32xN_u": widenUnsigned(false),
  "f64xN.convert_high_i32xN_u": widenUnsigned(true),
  "i64xN.const": (selector, { immediates }, to) =>
    constantTo(selector, selector.constant(...immediates.map((word) => word | 0)), to),
  "i64xN.add": direct(vectors.addQuads),
  "i64xN.shl": shift(vectors.shift("vpsllq"), 64),
  "i64xN.shr_u": shift(vectors.shift("vpsrlq"), 64),
  "i64xN.extend_low_i32xN_u": widen(halves.extend, false),
  "i64xN.extend_high_i32xN_u": widen(halves.extend, true),
  "i64xN.extmul_low_i32xN_u": multiplyHalves(false),
  "i64xN.extmul_high_i32xN_u": multiplyHalves(true),
  "i8x16.const": (selector, { immediates }, to) => {
    const bytes = new Int32Array(Uint8Array.from(immediates).buffer);
    return constantTo(selector, selector.constant(...bytes), to);
  },
  "i8x16.swizzle": swizzle,
} satisfies Record<string, Rule>;

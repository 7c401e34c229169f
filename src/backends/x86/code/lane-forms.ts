/** Instructions that move lanes of vectors, or work on half a vector. */

import type { InstructionSet } from "../assembler/assembler.ts";
import type { Form } from "./instruction.ts";
import { binary, binaryWith, unary } from "./vector-forms.ts";

type Bits = 128 | 256 | 512;

/** Within each 128 bits. */
export const permute = unary("vpermilps", 32, true);
export const shuffle = binaryWith("vshufps", 32);
export const swizzle = binary("vpshufb", "whole");
/** Pairs of lanes within each 256 bits. */
export const permutePairs = unary("vpermpd", 64, true);
/** Lanes of b, at the positions in a. */
export const permuteBy = binary("vpermps", 32);
/** 128 bits each: the first two from a, the others from b. */
export const permuteQuarters = binaryWith("vshuff32x4", 32);

/** Lanes of b where the immediate has ones, else of a; with AVX2. */
export const blendLanes = binaryWith("vblendps", "whole");
/** a with one lane that is a number in memory; four lanes. */
export const insertLane = binaryWith("vinsertps", "one");

/** 128 bits of a vector, by number. */
export const extractQuarter: Readonly<Record<InstructionSet, Form>> = {
  avx2: unary("vextractf128", "whole", true),
  avx512: unary("vextractf32x4", "whole", true),
};
export const extractHalf = unary("vextractf64x4", "whole", true);
const insertQuarter: Readonly<Record<InstructionSet, Form>> = {
  avx2: binaryWith("vinsertf128", "whole"),
  avx512: binaryWith("vinsertf32x4", "whole"),
};
const insertHalf = binaryWith("vinsertf64x4", "whole");
const joinPairs = binary("vunpcklpd", 64);

/** to = the second half of a, by an immediate: 1, or of 128 bits the order of the lanes. */
export const highHalf = (bits: Bits, set: InstructionSet): Form =>
  bits === 128 ? permute : bits === 256 ? extractQuarter[set] : extractHalf;

/** to = the first halves of a and b, by the immediate 1. */
export const joinHalves = (bits: Bits, set: InstructionSet): Form =>
  bits === 128 ? joinPairs : bits === 256 ? insertQuarter[set] : insertHalf;

export const promote = unary("vcvtps2pd", "whole");
export const demote = unary("vcvtpd2ps", "whole");
export const fromSigned = unary("vcvtdq2pd", "whole");
/** With AVX-512. */
export const fromUnsigned = unary("vcvtudq2pd", "whole");
export const extend = unary("vpmovzxdq", "whole");
export const multiply = binary("vpmuludq", 64, true);

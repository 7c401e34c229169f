/** The assembler of x86-64: instructions as calls, bytes at the end. It knows the encodings and nothing of what the code is for. */

import { ConstantPool } from "./constants.ts";
import { GeneralInstructions } from "./general.ts";
import type { Label } from "./labels.ts";
import type { Memory } from "./operands.ts";
import { type VectorBits, type VectorOptions, writeVector } from "./vector.ts";
import type { VectorOperation } from "./vector-forms.ts";

export type { Arithmetic, Condition, Shift, Size } from "./general.ts";
export type { Label } from "./labels.ts";
export type { General, Immediate, Memory } from "./operands.ts";
export type { VectorBits, VectorOptions } from "./vector.ts";
export type { VectorOperation } from "./vector-forms.ts";

/** "avx2" is AVX2 with FMA: 16 vector registers; "avx512" has F, VL, DQ and BW: 32, and masks. */
export type InstructionSet = "avx2" | "avx512";

export class Assembler extends GeneralInstructions {
  readonly set: InstructionSet;
  private readonly pool = new ConstantPool();

  constructor(set: InstructionSet) {
    super();
    this.set = set;
  }

  /**
   * A vector instruction. Operands are in Intel's order, the destination first; numbers are registers of the kind that the name asks for.
   * `bits` are those of the longest vector in it.
   */
  vector(
    name: VectorOperation,
    bits: VectorBits,
    operands: readonly (number | Memory)[],
    options?: VectorOptions,
  ): void {
    writeVector(this, this.set === "avx512", name, bits, operands, options);
  }

  vzeroupper(): void {
    this.bytes.byte(0xc5);
    this.bytes.byte(0xf8);
    this.bytes.byte(0x77);
  }

  /** Bytes behind the code, at a multiple of `alignment` from its start: a power of two up to 64. Equal ones are shared. */
  constant(bytes: Uint8Array, alignment: number): Label {
    return this.pool.label(this, bytes, alignment);
  }

  /** The code, and behind it the constants. Its own start must lie at a multiple of 64 bytes for theirs to be right. */
  override finish(): Uint8Array {
    this.pool.write(this);
    return super.finish();
  }
}

/** Constants that lie behind the code: equal bytes are one. */

import type { Label, LabelledCode } from "./labels.ts";

interface Constant {
  readonly bytes: Uint8Array;
  readonly label: Label;
  alignment: number;
}

export class ConstantPool {
  private readonly constants = new Map<string, Constant>();

  /** Where a constant will lie: at a multiple of `alignment` bytes (a power of two up to 64) from the start of the code. */
  label(code: LabelledCode, bytes: Uint8Array, alignment: number): Label {
    const key = String.fromCharCode(...bytes);
    const known = this.constants.get(key);
    if (known) {
      known.alignment = Math.max(known.alignment, alignment);
      return known.label;
    }
    const label = code.newLabel();
    this.constants.set(key, { bytes: bytes.slice(), label, alignment });
    return label;
  }

  /** Writes all, those of the largest alignment first, so that little lies between them. */
  write(code: LabelledCode): void {
    const constants = [...this.constants.values()].sort((a, b) => b.alignment - a.alignment);
    for (const { bytes, label, alignment } of constants) {
      code.align(alignment);
      code.bind(label);
      code.bytes.append(bytes);
    }
  }
}

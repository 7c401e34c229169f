/**
 * Code with places in it: labels, the jumps to them and the distances to them. The length of a jump depends on how far it goes, so
 * jumps and paddings are left out of the bytes until the end: then all jumps start short, and those that do not reach are made longer
 * until all do.
 */

import { Bytes } from "./bytes.ts";

/** A place in the code; to be made by `newLabel`. */
export interface Label {
  /** Bytes and gaps before it; -1 as long as it is not bound. */
  position: number;
  gaps: number;
}

/** Something of yet unknown length: a jump, which has a label, or padding. */
interface Gap {
  readonly position: number;
  readonly label: Label | undefined;
  /** Of a jump: its bytes before the distance, when that has 8 and when it has 32 bits. */
  readonly short: readonly number[];
  readonly long: readonly number[];
  /** Of padding: what its end is a multiple of. */
  readonly alignment: number;
}

const maximumAlignment = 64;
const noBytes: readonly number[] = [];

/** Instructions without effect, of 1 to 9 bytes (Intel's manual, NOP, "Recommended Multi-Byte Sequence"). */
const nothing = [
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

export class LabelledCode {
  /** All bytes but those of gaps. */
  readonly bytes = new Bytes();
  private readonly gaps: Gap[] = [];
  /** Fields of 32 bits that are to hold the distance from their end to a label, added to what they hold. */
  private readonly distances: { position: number; gaps: number; label: Label }[] = [];
  /** Where each gap ends up, and how long it is; after `finish`. */
  private starts: Int32Array | undefined;
  private lengths = new Int32Array(0);

  newLabel(): Label {
    return { position: -1, gaps: 0 };
  }

  /** Gives a label its place: here. */
  bind(label: Label): void {
    if (label.position >= 0) throw new Error("a label is bound twice");
    label.position = this.bytes.length;
    label.gaps = this.gaps.length;
  }

  /** Instructions without effect up to the next multiple of `alignment` bytes, counted from the start of the code. */
  align(alignment: number): void {
    if (alignment > maximumAlignment || (alignment & (alignment - 1)) !== 0 || alignment < 1)
      throw new Error(`alignment: ${alignment} given, a power of two up to ${maximumAlignment} expected`);
    const position = this.bytes.length;
    this.gaps.push({ position, label: undefined, short: noBytes, long: noBytes, alignment });
  }

  /** A jump, whose bytes before the distance are `short` or `long`. */
  protected insertJump(label: Label, short: readonly number[], long: readonly number[]): void {
    this.gaps.push({ position: this.bytes.length, label, short, long, alignment: 1 });
  }

  /** 32 bits: the distance from the end of the instruction, which has `trailing` bytes after them, to `label + displacement`. */
  distance(label: Label, displacement: number, trailing: number): void {
    this.distances.push({ position: this.bytes.length, gaps: this.gaps.length, label });
    this.bytes.int32(displacement - trailing);
  }

  /** The place of a label in the finished code, in bytes from its start. */
  position(label: Label): number {
    if (!this.starts) throw new Error("a label has no place before the code is finished");
    return this.place(label.position, label.gaps);
  }

  /** The code with its jumps and distances. */
  finish(): Uint8Array {
    const length = this.layOut();
    const code = new Uint8Array(length);
    let from = 0;
    this.gaps.forEach((gap, index) => {
      const start = this.starts?.[index] ?? 0;
      code.set(this.bytes.view(from, gap.position), start - (gap.position - from));
      from = gap.position;
      const bytes = this.lengths[index] ?? 0;
      if (gap.label) this.writeJump(code, gap, gap.label, start, bytes);
      else pad(code, start, bytes);
    });
    code.set(this.bytes.view(from), length - (this.bytes.length - from));
    const view = new DataView(code.buffer);
    for (const { position, gaps, label } of this.distances) {
      const place = this.place(position, gaps);
      const distance = view.getInt32(place, true) + this.position(label) - (place + 4);
      view.setInt32(place, distance, true);
    }
    return code;
  }

  private writeJump(code: Uint8Array, gap: Gap, label: Label, start: number, length: number): void {
    const distance = this.position(label) - (start + length);
    const short = length === gap.short.length + 1;
    code.set(short ? gap.short : gap.long, start);
    if (short) code[start + length - 1] = distance;
    else new DataView(code.buffer).setInt32(start + length - 4, distance, true);
  }

  /** Finds the shortest lengths of jumps that reach; returns the length of all. */
  private layOut(): number {
    const { gaps } = this;
    const starts = new Int32Array(gaps.length);
    const lengths = Int32Array.from(gaps, (gap) => (gap.label ? gap.short.length + 1 : 0));
    this.starts = starts;
    this.lengths = lengths;
    for (const { label } of [...gaps, ...this.distances])
      if (label && label.position < 0) throw new Error("a label that is jumped to or read is not bound");
    for (;;) {
      let inserted = 0;
      gaps.forEach((gap, index) => {
        const start = gap.position + inserted;
        starts[index] = start;
        if (!gap.label) lengths[index] = -start & (gap.alignment - 1);
        inserted += lengths[index] ?? 0;
      });
      let reached = true;
      gaps.forEach((gap, index) => {
        const length = lengths[index] ?? 0;
        if (!gap.label || length !== gap.short.length + 1) return;
        const distance = this.position(gap.label) - ((starts[index] ?? 0) + length);
        if (distance >= -128 && distance <= 127) return;
        lengths[index] = gap.long.length + 4;
        reached = false;
      });
      if (reached) return this.bytes.length + inserted;
    }
  }

  /** Where something ends up that has so many bytes and gaps before it. */
  private place(position: number, gaps: number): number {
    if (gaps === 0) return position;
    const last = gaps - 1;
    const end = (this.starts?.[last] ?? 0) + (this.lengths[last] ?? 0);
    return end + position - (this.gaps[last]?.position ?? 0);
  }
}

function pad(code: Uint8Array, start: number, length: number): void {
  let rest = length;
  while (rest > 0) {
    const bytes = nothing[Math.min(rest, nothing.length) - 1] ?? noBytes;
    code.set(bytes, start + length - rest);
    rest -= bytes.length;
  }
}

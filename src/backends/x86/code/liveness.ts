/** Where virtual registers are live: by blocks of straight code, then as one interval each. */

import { type Instruction, type LinearFunction, none } from "./instruction.ts";

/** Straight code: entered at its first instruction and left after its last. */
export interface Block {
  readonly from: number;
  /** The instruction after the last. */
  to: number;
  /** Blocks that may come next, or none. */
  next: number;
  jump: number;
}

export function blocksOf({ code, labels }: Pick<LinearFunction, "code" | "labels">): Block[] {
  const blocks: Block[] = [];
  const blockOfLabel = new Int32Array(labels);
  let open: Block | undefined;
  code.forEach(({ form: { control }, immediate }, index) => {
    if (!open || control === "label") {
      if (open && open.from < index) open.to = index;
      if (!open || open.from < index) {
        open = { from: index, to: code.length, next: none, jump: none };
        blocks.push(open);
      }
    }
    if (control === "label") blockOfLabel[immediate] = blocks.length - 1;
    else if (control !== undefined) {
      open.to = index + 1;
      open = undefined;
    }
  });
  blocks.forEach((block, index) => {
    const { form, immediate } = code[block.to - 1] as Instruction;
    const { control } = form;
    if (control === "jump" || control === "branch") block.jump = blockOfLabel[immediate] as number;
    if (control !== "jump" && control !== "return" && index + 1 < blocks.length) block.next = index + 1;
  });
  return blocks;
}

/** Sets of locals, one of as many words for each block. */
interface Liveness {
  readonly words: number;
  readonly before: Int32Array;
  readonly after: Int32Array;
}

export function livenessOf({ code, locals }: LinearFunction, blocks: readonly Block[]): Liveness {
  const words = (locals + 31) >> 5;
  const before = new Int32Array(words * blocks.length);
  const after = new Int32Array(words * blocks.length);
  const written = new Int32Array(words * blocks.length);
  blocks.forEach(({ from, to }, block) => {
    const at = block * words;
    const read = (virtual: number) => {
      if (virtual < 0 || virtual >= locals) return;
      const word = at + (virtual >> 5);
      const bit = 1 << (virtual & 31);
      if (((written[word] as number) & bit) === 0) before[word] = (before[word] as number) | bit;
    };
    for (let index = from; index < to; index++) {
      const { a, b, c, base, to: result } = code[index] as Instruction;
      read(a);
      read(b);
      read(c);
      read(base);
      if (result >= 0 && result < locals) {
        const word = at + (result >> 5);
        written[word] = (written[word] as number) | (1 << (result & 31));
      }
    }
  });
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (let block = blocks.length - 1; block >= 0; block--) {
      const { next, jump } = blocks[block] as Block;
      for (let word = 0; word < words; word++) {
        const at = block * words + word;
        const live =
          (next === none ? 0 : (before[next * words + word] as number)) |
          (jump === none ? 0 : (before[jump * words + word] as number));
        after[at] = live;
        const entering = (before[at] as number) | (live & ~(written[at] as number));
        if (entering !== before[at]) {
          before[at] = entering;
          isChanged = true;
        }
      }
    }
  }
  return { words, before, after };
}

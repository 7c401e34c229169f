/** Which instructions the processor has, and the system lets programs use. */

import { Assembler, type InstructionSet } from "../assembler/assembler.ts";
import { loadKoffi } from "./koffi.ts";
import { codeFunction, codePages } from "./pages.ts";
import { system } from "./system.ts";

/** Bits, in the words of "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 2A, CPUID, and 1, 13.3. */
const bits = {
  // Leaf 1, ecx.
  fma: 1 << 12,
  osxsave: 1 << 27,
  avx: 1 << 28,
  // Leaf 7, ebx.
  avx2: 1 << 5,
  avx512: (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31), // F, DQ, BW, VL
  // XCR0.
  ymm: 0x06,
  zmm: 0xe6,
} as const;

const has = (word: number, wanted: number) => (word & wanted) === wanted;

let sets: ReadonlySet<InstructionSet> | undefined;

/**
 * The instruction sets that code can use here. On a Mac, "avx512" is never among them: its system says that it saves those
 * registers only once they have been used.
 */
export function instructionSets(): ReadonlySet<InstructionSet> {
  sets ??= new Set(find());
  return sets;
}

function* find(): Generator<InstructionSet> {
  const { leaf, saved } = questions();
  if (leaf(0).eax < 7) return;
  const { ecx } = leaf(1);
  if (!has(ecx, bits.fma | bits.avx | bits.osxsave)) return;
  const { ebx } = leaf(7);
  const registers = saved();
  if (!has(ebx, bits.avx2) || !has(registers, bits.ymm)) return;
  yield "avx2";
  if (has(ebx, bits.avx512) && has(registers, bits.zmm)) yield "avx512";
}

/** The two instructions that tell. */
function questions() {
  const { koffi } = loadKoffi();
  const prototype = koffi.proto("void", ["void *", "uint32_t"]);
  const words = new Int32Array(4);
  const { code, saved } = questionCode();
  const pages = codePages(code);
  const asking = (offset: number) => {
    const ask = codeFunction(pages, offset, prototype);
    return (number: number) => {
      ask(words, number);
      const [eax = 0, ebx = 0, ecx = 0] = words;
      return { eax, ebx, ecx };
    };
  };
  const askSaved = asking(saved);
  return { leaf: asking(0), saved: () => askSaved(0).eax };
}

/** `(words, leaf)` writes what cpuid answers; and from `saved` on, `(words)` writes XCR0. */
function questionCode() {
  const [rax, rcx, rdx, rbx, rsi, rdi, r9] = [0, 1, 2, 3, 6, 7, 9];
  const [words, leaf] = system()?.abi === "windows" ? [rcx, rdx] : [rdi, rsi];
  const assembler = new Assembler("avx2");
  assembler.move(r9, words, 8);
  assembler.move(rax, leaf);
  assembler.arithmetic("xor", rcx, rcx);
  assembler.push(rbx);
  assembler.cpuid();
  [rax, rbx, rcx, rdx].forEach((register, index) => {
    assembler.move({ base: r9, displacement: 4 * index }, register);
  });
  assembler.pop(rbx);
  assembler.ret();
  const saved = assembler.newLabel();
  assembler.bind(saved);
  assembler.move(r9, words, 8);
  assembler.arithmetic("xor", rcx, rcx);
  assembler.xgetbv();
  assembler.move({ base: r9 }, rax);
  assembler.ret();
  return { code: assembler.finish(), saved: assembler.position(saved) };
}

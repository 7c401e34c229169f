/** Which instructions the processor has, and the system lets programs use. */

import { loadKoffi } from "./koffi.ts";
import { codeFunction, codePages } from "./pages.ts";
import { type Abi, system } from "./system.ts";

/**
 * "avx2": AVX2 and fused multiply-add, vectors of 8 floats; "avx512": the parts F, VL, DQ and BW of AVX-512, vectors of 16
 * floats, and the former too.
 */
export type InstructionSet = "avx2" | "avx512";

/** `(words, leaf)`: brings the first two parameters to the same registers, r9 and eax, whatever the convention. */
const enter: Readonly<Record<Abi, readonly number[]>> = {
  sysv: [
    ...[0x49, 0x89, 0xf9], // mov r9, rdi
    ...[0x89, 0xf0], // mov eax, esi
  ],
  windows: [
    ...[0x49, 0x89, 0xc9], // mov r9, rcx
    ...[0x89, 0xd0], // mov eax, edx
  ],
};

/** Writes eax, ebx, ecx and edx of a leaf of cpuid. */
const cpuid = [
  0x53, // push rbx
  ...[0x31, 0xc9], // xor ecx, ecx
  ...[0x0f, 0xa2], // cpuid
  ...[0x41, 0x89, 0x01], // mov [r9], eax
  ...[0x41, 0x89, 0x59, 0x04], // mov [r9 + 4], ebx
  ...[0x41, 0x89, 0x49, 0x08], // mov [r9 + 8], ecx
  ...[0x41, 0x89, 0x51, 0x0c], // mov [r9 + 12], edx
  0x5b, // pop rbx
  0xc3, // ret
];

/** Writes the lower half of the register that says which registers the system saves. */
const xgetbv = [
  ...[0x31, 0xc9], // xor ecx, ecx
  ...[0x0f, 0x01, 0xd0], // xgetbv
  ...[0x41, 0x89, 0x01], // mov [r9], eax
  0xc3, // ret
];

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
  const { abi = "sysv" } = system() ?? {};
  const prototype = koffi.proto("void", ["void *", "uint32_t"]);
  const first = [...enter[abi], ...cpuid];
  const pages = codePages(Uint8Array.of(...first, ...enter[abi], ...xgetbv));
  const words = new Int32Array(4);
  const asking = (offset: number) => {
    const ask = codeFunction(pages, offset, prototype);
    return (number: number) => {
      ask(words, number);
      const [eax = 0, ebx = 0, ecx = 0] = words;
      return { eax, ebx, ecx };
    };
  };
  const saved = asking(first.length);
  return { leaf: asking(0), saved: () => saved(0).eax };
}

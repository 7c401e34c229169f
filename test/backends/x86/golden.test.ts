// Bytes that a disassembler has agreed to once (see vector.test.ts and general.test.ts), for machines that have none.
import { expect, test } from "vitest";
import { Assembler, type Label } from "../../../src/backends/x86/assembler/assembler.ts";
import { lengths, vectorCase } from "./cases.ts";
import { generalCases } from "./instructions.ts";
import { Choice } from "./operands.ts";
import { signatures } from "./signatures.ts";

function line(text: string, write: (assembler: Assembler) => void): string {
  const assembler = new Assembler("avx512");
  write(assembler);
  return `${text}: ${Buffer.from(assembler.finish()).toString("hex")}`;
}

/** The first case of every mnemonic. */
function* generalLines(): Generator<string> {
  const known = new Set<string>();
  const unused: Label = new Assembler("avx512").newLabel();
  for (const [text, write] of generalCases(unused)) {
    const mnemonic = text.split(" ")[0] ?? "";
    if (!known.has(mnemonic)) yield line(text, write);
    known.add(mnemonic);
  }
}

/** Every form: the shortest vectors and registers in VEX, the longest and memory in EVEX. */
function* vectorLines(): Generator<string> {
  for (const [name, forms] of signatures)
    for (const signature of forms)
      for (const evex of [false, true]) {
        const bits = lengths(signature, evex).at(evex ? -1 : 0);
        if (!bits) continue;
        const registers = evex ? [21, 18, 9] : [1, 2, 3, 4];
        const wish = { evex, choice: new Choice(bits), memory: evex, registers };
        const address = { base: 13, index: 9, scale: 4, displacement: 128 } as const;
        const asked = vectorCase(name, signature, bits, { ...wish, address });
        yield line(asked.text, (assembler) =>
          assembler.vector(asked.name, bits, asked.operands, asked.options),
        );
      }
}

test("the bytes of every instruction", async () => {
  await expect([...generalLines(), ...vectorLines(), ""].join("\n")).toMatchFileSnapshot("golden.txt");
});

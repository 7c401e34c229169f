import { describe, expect, test } from "vitest";
import { Assembler, type Label } from "../../../src/backends/x86/assembler/assembler.ts";
import { disassemble, missing } from "./objdump.ts";
import { Choice } from "./operands.ts";

const assembler = () => new Assembler("avx512");

function fill(into: Assembler, bytes: number): void {
  for (let index = 0; index < bytes; index++) into.ret();
}

describe("a jump", () => {
  /** The length of a jump over so many bytes. */
  function forward(bytes: number, jump: (into: Assembler, label: Label) => void): number {
    const into = assembler();
    const label = into.newLabel();
    jump(into, label);
    fill(into, bytes);
    into.bind(label);
    return into.finish().length - bytes;
  }

  /** The length of a jump back over so many bytes. */
  function backward(bytes: number, jump: (into: Assembler, label: Label) => void): number {
    const into = assembler();
    const label = into.newLabel();
    into.bind(label);
    fill(into, bytes);
    jump(into, label);
    return into.finish().length - bytes;
  }

  test("has 8 bits of distance as long as they reach", () => {
    const always = (into: Assembler, label: Label) => into.jump(label);
    const sometimes = (into: Assembler, label: Label) => into.jumpIf("l", label);
    expect([0, 127, 128].map((bytes) => forward(bytes, always))).toEqual([2, 2, 5]);
    expect([0, 127, 128].map((bytes) => forward(bytes, sometimes))).toEqual([2, 2, 6]);
    // Back goes from the end of the jump, which has two bytes itself.
    expect([0, 126, 127].map((bytes) => backward(bytes, always))).toEqual([2, 2, 5]);
    expect([0, 126, 127].map((bytes) => backward(bytes, sometimes))).toEqual([2, 2, 6]);
  });

  test("is longer where another one has become longer", () => {
    const into = assembler();
    const [near, far] = [into.newLabel(), into.newLabel()];
    into.jump(near); // over 125 bytes and a jump of 2 or 5: reaches only with 2
    into.jump(far);
    fill(into, 125);
    into.bind(near);
    fill(into, 2);
    expect(() => into.finish()).toThrow("not bound");
    into.bind(far);
    const code = into.finish();
    expect([code.length, into.position(near), into.position(far)]).toEqual([131, 129, 131]);

    const longer = assembler();
    const [first, second] = [longer.newLabel(), longer.newLabel()];
    longer.jump(first);
    longer.jump(second);
    fill(longer, 125);
    longer.bind(first);
    fill(longer, 3);
    longer.bind(second);
    expect([longer.finish().length, longer.position(first)]).toEqual([138, 135]);
  });
});

/** What the code at a place says: where a jump or call goes to, and how many bytes it has. */
function target(code: Uint8Array, at: number): { to: number; length: number } {
  const view = new DataView(code.buffer);
  const [first = 0, second = 0] = code.subarray(at);
  if (first === 0xeb || (first & 0xf0) === 0x70) return { to: at + 2 + view.getInt8(at + 1), length: 2 };
  const opcode = first === 0x0f && (second & 0xf0) === 0x80 ? 2 : 1;
  if (opcode === 1) expect([0xe8, 0xe9]).toContain(first);
  const end = at + opcode + 4;
  return { to: end + view.getInt32(end - 4, true), length: opcode + 4 };
}

test.each([1, 2, 3, 4, 5])("jumps, calls and paddings find their places: program %i", (seed) => {
  const choice = new Choice(seed);
  const into = assembler();
  const labels = Array.from({ length: 40 }, () => into.newLabel());
  const unbound = [...labels];
  const jumps: { at: Label; end: Label; label: Label; call: boolean }[] = [];
  const aligned: [Label, number][] = [];
  const here = () => {
    const label = into.newLabel();
    into.bind(label);
    return label;
  };
  for (let index = 0; index < 400; index++) {
    const label = choice.of(labels);
    const at = here();
    const kind = choice.below(seed === 1 ? 4 : 5);
    if (kind === 0) into.jump(label);
    else if (kind === 1) into.jumpIf("ne", label);
    else if (kind === 2) into.callLabel(label);
    else if (kind === 3) fill(into, choice.below(20));
    else {
      const alignment = choice.of([1, 4, 16, 64]);
      into.align(alignment);
      aligned.push([here(), alignment]);
    }
    if (kind < 3) jumps.push({ at, end: here(), label, call: kind === 2 });
    if (index % 10 === 5) into.bind(unbound.pop() as Label);
  }
  const code = into.finish();
  expect(jumps.length).toBeGreaterThan(150);
  const lengths = jumps.map(({ at, end, label, call }) => {
    const { to, length } = target(code, into.position(at));
    expect([to, length]).toEqual([into.position(label), into.position(end) - into.position(at)]);
    // Without paddings, which grow when something before them shrinks, no jump is longer than it must be.
    const distance = to - into.position(end);
    if (length > 2 && !call && seed === 1)
      expect(distance > 127 || distance + (length - 2) < -128).toBe(true);
    return length;
  });
  expect(new Set(lengths)).toEqual(new Set([2, 5, 6]));
  for (const [label, alignment] of aligned) expect(into.position(label) % alignment).toBe(0);
});

test.skipIf(missing)(`paddings do nothing${missing ? `: ${missing}` : ""}`, () => {
  const into = assembler();
  for (let index = 0; index < 64; index++) {
    fill(into, index + 1);
    into.align(64);
  }
  const read = [...disassemble(into.finish()).values()].map((text) =>
    text === "xchg ax,ax" ? "nop" : text.split(" ")[0],
  );
  expect(new Set(read)).toEqual(new Set(["ret", "nop"]));
});

describe("constants", () => {
  const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

  test("lie behind the code, where the largest alignment that was asked for wants them, equal ones once", () => {
    const into = assembler();
    const four = into.constant(bytes(4, 1), 4);
    const wide = into.constant(bytes(64, 2), 64);
    const sixteen = into.constant(bytes(16, 3), 4);
    expect(into.constant(bytes(4, 1), 4)).toBe(four);
    expect(into.constant(bytes(16, 3), 64)).toBe(sixteen);
    expect(into.constant(bytes(8, 1), 4)).not.toBe(four);
    into.vector("vmovaps", 512, [0, { label: wide }]);
    into.ret();
    const code = into.finish();
    const places = [wide, sixteen, four].map((label) => into.position(label));
    expect(places).toEqual([64, 128, 144]);
    expect([...code.subarray(64, 148)]).toEqual([...bytes(64, 2), ...bytes(16, 3), ...bytes(4, 1)]);
    expect(code.length).toBe(156);
    expect(new DataView(code.buffer).getInt32(6, true)).toBe(64 - 10);
  });

  test("are as they were when given", () => {
    const into = assembler();
    const given = bytes(4, 5);
    const label = into.constant(given, 4);
    given.fill(6);
    expect(into.constant(bytes(4, 5), 4)).toBe(label);
    expect([...into.finish()]).toEqual([5, 5, 5, 5]);
  });
});

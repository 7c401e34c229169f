/** Instructions on vector registers, of floats, integers and bits: how each is printed, whatever registers its operands were given. */

import type { VectorOperation } from "../assembler/assembler.ts";
import { opposite } from "./emission.ts";
import { type Form, form } from "./instruction.ts";

const bitOfA = 1;
const bitOfB = 2;
const bitOfC = 4;

type Width = Form["width"];

/** to = a; a whole vector. */
export const move = form(
  (e, i) => {
    const to = e.register(i.to);
    if (i.memory === "home") e.reload(to, i.base);
    else e.copyVector(i.bits, "whole", to, e.operand(i, i.a));
  },
  { memory: bitOfA, width: 32 },
);

/** to = a; one number. */
export const moveOne = form(
  (e, i) => {
    const to = e.register(i.to);
    if (i.memory === "home") e.reload(to, i.base);
    else e.copyVector(128, "one", to, e.operand(i, i.a));
  },
  { memory: bitOfA },
);

/** [memory] = a: a vector, its first number, or its first two. */
export const store = form((e, i) => e.vector("vmovups", i.bits, [e.memory(i), e.register(i.a)]));
export const storeOne = form((e, i) => e.vector("vmovss", 128, [e.memory(i), e.register(i.a)]));
export const storeTwo = form((e, i) => e.vector("vmovsd", 128, [e.memory(i), e.register(i.a)]));
/** [memory] = the lanes of a where b has all ones; with AVX2. */
export const storeByVector = form((e, i) =>
  e.vector("vmaskmovps", i.bits, [e.memory(i), e.register(i.b), e.register(i.a)]),
);
export const argument = form((e, i) =>
  e.vector("vmovups", i.bits, [e.argument(i.displacement), e.register(i.a)]),
);
export const argumentOne = form((e, i) =>
  e.vector("vmovss", 128, [e.argument(i.displacement), e.register(i.a)]),
);

/** to = op of a. */
export const unary = (name: VectorOperation, width: Width, hasImmediate = false): Form =>
  form(
    (e, i) =>
      e.vector(name, i.bits, [e.register(i.to), e.operand(i, i.a)], hasImmediate ? i.immediate : undefined),
    { memory: width === "whole" ? 0 : bitOfA, width },
  );

/** to = a op b. */
export const binary = (name: VectorOperation, width: Width, isCommutative = false): Form =>
  form(
    (e, i) => {
      const a = e.operand(i, i.a);
      const b = e.operand(i, i.b);
      e.vector(name, i.bits, typeof a === "number" ? [e.register(i.to), a, b] : [e.register(i.to), b, a]);
    },
    { memory: isCommutative ? bitOfA | bitOfB : bitOfB, width },
  );

/** to = a op b, with an immediate. */
export const binaryWith = (name: VectorOperation, width: Width): Form =>
  form(
    (e, i) => e.vector(name, i.bits, [e.register(i.to), e.register(i.a), e.operand(i, i.b)], i.immediate),
    { memory: bitOfB, width },
  );

/** to = op of a where op takes a first operand whose upper lanes are kept: those of `a` itself, or of `to`. */
export const scalarUnary = (name: VectorOperation, hasImmediate = false): Form =>
  form((e, i) => {
    const a = e.register(i.a);
    e.vector(name, 128, [e.register(i.to), a, a], hasImmediate ? i.immediate : undefined);
  });

/** to = a b + c, or c - a b: in place of the operand whose register the result has. */
const multiplyAdd = (kind: "vfmadd" | "vfnmadd"): Form => {
  const [form132, form213, form231] = [`${kind}132ps`, `${kind}213ps`, `${kind}231ps`] as const;
  return form(
    (e, i) => {
      const to = e.register(i.to);
      let [a, b, c] = [e.operand(i, i.a), e.operand(i, i.b), e.operand(i, i.c)];
      if (b === to || typeof a !== "number") [a, b] = [b, a];
      if (c !== to && a !== to) {
        e.copyVector(i.bits, "whole", to, c);
        c = to;
      }
      if (c === to) e.vector(form231, i.bits, [to, a, b]);
      else if (typeof b === "number") e.vector(form213, i.bits, [to, b, c]);
      else e.vector(form132, i.bits, [to, c, b]);
    },
    { memory: bitOfA | bitOfB | bitOfC, width: 32 },
  );
};

export const multiplyAdds = { relaxed_madd: multiplyAdd("vfmadd"), relaxed_nmadd: multiplyAdd("vfnmadd") };

/** to = a shifted by the immediate, or by the first number of b. */
export const shift = (name: VectorOperation): { readonly by: Form; readonly variable: Form } => ({
  by: form((e, i) => e.vector(name, i.bits, [e.register(i.to), e.register(i.a)], i.immediate)),
  variable: form((e, i) => e.vector(name, i.bits, [e.register(i.to), e.register(i.a), e.register(i.b)])),
});

/** to = a where c has ones, else b: c is a comparison of all bits of each lane. */
export const blend = form(
  (e, i) =>
    e.vector("vblendvps", i.bits, [
      ...[e.register(i.to), e.register(i.b), e.operand(i, i.a), e.register(i.c)],
    ]),
  { memory: bitOfA, width: "whole" },
);

/** Zero in the flags: that a & b is zero. */
export const testVector = form((e, i) => e.vector("vptest", i.bits, [e.register(i.a), e.register(i.b)]));

/** Flags of two numbers. */
export const compareOnes = form((e, i) => e.vector("vucomiss", 128, [e.register(i.a), e.operand(i, i.b)]), {
  memory: bitOfB,
});

/** to = a where the flags hold, else b. */
export const moveIf = form((e, i) => {
  const { assembler } = e;
  const to = e.register(i.to);
  const [a, b] = [e.register(i.a), e.register(i.b)];
  const past = assembler.newLabel();
  const [kept, other, test] = b === to ? [b, a, opposite(i.test)] : [a, b, i.test];
  e.copyVector(i.bits, "whole", to, kept);
  e.jumpWhen(test, past);
  e.copyVector(i.bits, "whole", to, other);
  assembler.bind(past);
});

/** to = [memory], by an instruction that fills lanes in its own way. */
export const load = (name: VectorOperation): Form =>
  form((e, i) => e.vector(name, i.bits, [e.register(i.to), e.memory(i)]));

/** [memory] = a lane of a. */
export const storeLane = form((e, i) =>
  e.vector("vextractps", 128, [e.memory(i), e.register(i.a)], i.immediate),
);

/** to = a in the first lane. */
export const fromInteger = form((e, i) => {
  const to = e.register(i.to);
  // The lanes that it keeps would make it wait for whatever wrote them.
  e.vector("vxorps", 128, [to, to, to]);
  e.vector("vcvtsi2ss", 128, [to, to, e.register(i.a)]);
});

/** to = a toward zero; the nearest i32 where a is none, 0 where it is NaN. */
export const toInteger = form((e, i) => {
  const { assembler } = e;
  const [to, a] = [e.register(i.to), e.register(i.a)];
  const past = assembler.newLabel();
  assembler.vector("vcvttss2si", 128, [to, a]);
  // What it gives for numbers that are out of range, alone among integers, is too low to lose 1.
  assembler.arithmetic("cmp", to, { immediate: 1 });
  assembler.jumpIf("no", past);
  assembler.vector("vucomiss", 128, [a, e.pool([0])]);
  assembler.move(to, { immediate: 0 });
  assembler.jumpIf("p", past);
  assembler.move(to, { immediate: -(2 ** 31) });
  assembler.jumpIf("b", past);
  assembler.move(to, { immediate: 2 ** 31 - 1 });
  assembler.bind(past);
});

export const bits = {
  and: binary("vandps", 32, true),
  /** not a, and b. */
  andNot: binary("vandnps", 32),
  or: binary("vorps", 32, true),
  xor: binary("vxorps", 32, true),
};
export const compareFloats = binaryWith("vcmpps", "whole");
export const equalIntegers = binary("vpcmpeqd", "whole", true);
export const greaterIntegers = binary("vpcmpgtd", "whole");

export const loads = {
  splat: load("vbroadcastss"),
  one: load("vmovss"),
  two: load("vmovsd"),
};
export const scalars = {
  ...{ add: binary("vaddss", "one", true), sub: binary("vsubss", "one"), mul: binary("vmulss", "one", true) },
  ...{ div: binary("vdivss", "one"), min: binary("vminss", "one"), max: binary("vmaxss", "one") },
  ...{ sqrt: scalarUnary("vsqrtss"), round: scalarUnary("vroundss", true) },
};
export const floats = {
  ...{ add: binary("vaddps", 32, true), sub: binary("vsubps", 32), mul: binary("vmulps", 32, true) },
  ...{ div: binary("vdivps", 32), min: binary("vminps", 32), max: binary("vmaxps", 32) },
  sqrt: unary("vsqrtps", 32),
};
export const integers = {
  ...{ add: binary("vpaddd", 32, true), sub: binary("vpsubd", 32), mul: binary("vpmulld", 32, true) },
  ...{ min: binary("vpminsd", 32, true), max: binary("vpmaxsd", 32, true), abs: unary("vpabsd", 32) },
};
export const doubles = {
  ...{ add: binary("vaddpd", 64, true), sub: binary("vsubpd", 64), mul: binary("vmulpd", 64, true) },
  ...{ div: binary("vdivpd", 64), min: binary("vminpd", 64), max: binary("vmaxpd", 64) },
};
export const addQuads = binary("vpaddq", 64, true);
export const addBytes = binary("vpaddusb", "whole", true);
export const rounding = unary("vroundps", 32, true);
export const truncate = unary("vcvttps2dq", 32);
export const fromIntegers = unary("vcvtdq2ps", 32);

export const fromGeneral = unary("vmovd from general", "whole");
export const toGeneral = unary("vmovd to general", "whole");
export const extractToGeneral = unary("vpextrd", "whole", true);
export const splatGeneral = unary("vpbroadcastd from general", "whole");
export const splat = unary("vbroadcastss", "one");

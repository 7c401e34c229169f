/** Instructions on the mask register, and those of AVX-512 that choose by it or by a table. */

import type { Memory, VectorOperation } from "../assembler/assembler.ts";
import { type Form, form } from "./instruction.ts";

const bitOfA = 1;
const bitOfB = 2;
const bitOfC = 4;

type Width = Form["width"];

/** The mask register that comparisons write and blends read. */
const mask = 1;

/** Writes the mask: a op b. */
const compareToMask = (name: VectorOperation): Form =>
  form((e, i) => e.vector(name, i.bits, [mask, e.register(i.a), e.operand(i, i.b)], i.immediate), {
    ...{ memory: bitOfB, width: 32 },
  });

/** Writes the mask: where a & b has ones, or has none. */
const testToMask = (name: "vptestmd" | "vptestnmd"): Form =>
  form((e, i) => e.vector(name, i.bits, [mask, e.register(i.a), e.register(i.b)]));

/** to = all ones where the mask has one. */
export const maskToVector = form((e, i) => e.vector("vpmovm2d", i.bits, [e.register(i.to), mask]));

/** Zero in the flags: that the mask is empty. */
export const testMask = form((e) => e.vector("kortestw", 128, [mask, mask]));

/** to = a where the mask has one, else b. */
export const blendByMask = form(
  (e, i) => {
    const operands = [e.register(i.to), e.register(i.b), e.operand(i, i.a)];
    e.vector("vblendmps", i.bits, operands, undefined, { mask });
  },
  { memory: bitOfA, width: 32 },
);

/** to = op of a where the mask has one, else zero. */
const unaryByMask = (name: VectorOperation, width: Width): Form =>
  form(
    (e, i) => {
      const operands = [e.register(i.to), e.operand(i, i.a)];
      e.vector(name, i.bits, operands, undefined, { mask, zero: true });
    },
    { memory: bitOfA, width },
  );

/** to = a, but for the lane of the immediate, which is the first of memory. */
export const loadLaneByMask = form((e, i) => {
  const to = e.register(i.to);
  e.copyVector(i.bits, "whole", to, e.register(i.a));
  e.vector("kmovw", 128, [mask, e.pool([1 << i.immediate])]);
  e.vector("vbroadcastss", i.bits, [to, e.memory(i)], undefined, { mask });
});

/** to = the bits of b where a has ones, else those of c; in place of the operand whose register the result has. */
export const choose = form(
  (e, i) => {
    const to = e.register(i.to);
    const operands = [e.operand(i, i.a), e.operand(i, i.b), e.operand(i, i.c)];
    let first = operands.indexOf(to);
    if (first < 0) {
      first = Math.max(
        0,
        operands.findIndex((operand) => typeof operand !== "number"),
      );
      e.copyVector(i.bits, "whole", to, operands[first] as number | Memory);
    }
    const others = [0, 1, 2].filter((index) => index !== first);
    if (typeof operands[others[0] as number] !== "number") others.reverse();
    const rest = others.map((index) => operands[index] as number | Memory);
    e.vector("vpternlogd", i.bits, [to, ...rest], tableOf([first, ...others]));
  },
  { memory: bitOfA | bitOfB | bitOfC, width: 32 },
);

/** The table of a ? b : c where the operands of the instruction are those, by number, that `roles` says. */
function tableOf(roles: readonly number[]): number {
  let table = 0;
  for (let row = 0; row < 8; row++) {
    const values = [0, 0, 0];
    roles.forEach((role, place) => {
      values[role] = (row >> (2 - place)) & 1;
    });
    if (values[0] ? values[1] : values[2]) table |= 1 << row;
  }
  return table;
}

/** [memory] = the lanes of a where the mask has one. */
export const storeByMask = form((e, i) =>
  e.vector("vmovups", i.bits, [e.memory(i), e.register(i.a)], undefined, { mask }),
);
export const compareFloatsToMask = compareToMask("vcmpps to mask");
export const compareIntegersToMask = compareToMask("vpcmpd");
export const compareUnsignedToMask = compareToMask("vpcmpud");
export const anyToMask = testToMask("vptestmd");
export const noneToMask = testToMask("vptestnmd");
export const keepByMask = unaryByMask("vmovups", "whole");
export const truncateByMask = unaryByMask("vcvttps2dq", 32);

/** Labels, jumps, calls, and what takes registers of its own: blocks of memory, and meeting other threads. */

import { memoryBase } from "./emission.ts";
import { form, none } from "./instruction.ts";

const [rax, rcx, rdx, rsi, rdi, r10, r11] = [0, 1, 2, 6, 7, 10, 11] as const;

const bitOfA = 1;
const bitOfB = 2;
const bitOfC = 4;

/** The first instruction of a function, at which its parameters are there. */
export const begin = form(() => {});

export const label = form((e, i) => e.assembler.bind(e.label(i.immediate)), { control: "label" });

export const jump = form((e, i) => e.assembler.jump(e.label(i.immediate)), { control: "jump" });

/** Jumps where the flags hold. */
export const jumpIf = form((e, i) => e.jumpWhen(i.test, e.label(i.immediate)), { control: "branch" });

/** Calls the function of the immediate; i32 comes back in eax. */
export const call = form(
  (e, i) => {
    e.assembler.callLabel(e.functionLabel(i.immediate));
    if (i.to === none) return;
    const to = e.register(i.to);
    if (to === 0) return;
    if (e.function.types[i.to] === 0) e.assembler.move(to, rax);
    else e.assembler.vector("vmovaps", i.bits, [to, 0]);
  },
  { clobbers: "all" },
);

/** Leaves the function, with a as its result. */
export const leave = form(
  (e, i) => {
    if (i.a !== none) {
      const from = e.operand(i, i.a);
      if (from !== rax) e.assembler.move(rax, from);
    }
    e.leave();
  },
  { control: "return", memory: bitOfA },
);

/** The same with a vector, or a number in its first lane. */
export const leaveWithVector = form(
  (e, i) => {
    const from = e.register(i.a);
    if (from !== 0) e.assembler.vector("vmovaps", i.bits, [0, from]);
    e.leave();
  },
  { control: "return" },
);

/** Copies c bytes from b to a, as if by way of another place. */
export const copy = form(
  (e, i) => {
    const { assembler } = e;
    assembler.lea(rdi, { base: memoryBase, index: e.register(i.a) }, 8);
    assembler.lea(rsi, { base: memoryBase, index: e.register(i.b) }, 8);
    assembler.move(rcx, e.register(i.c));
    // Where the destination begins within the source, the last bytes go first.
    const forwards = assembler.newLabel();
    const past = assembler.newLabel();
    assembler.move(rax, rdi);
    assembler.arithmetic("sub", rax, rsi);
    assembler.arithmetic("cmp", rax, rcx);
    assembler.jumpIf("ae", forwards);
    assembler.lea(rdi, { base: rdi, index: rcx, displacement: -1 }, 8);
    assembler.lea(rsi, { base: rsi, index: rcx, displacement: -1 }, 8);
    assembler.direction("down");
    assembler.rep("movsb");
    assembler.direction("up");
    assembler.jump(past);
    assembler.bind(forwards);
    assembler.rep("movsb");
    assembler.bind(past);
  },
  { late: bitOfA | bitOfB | bitOfC, clobbers: [rax, rcx, rsi, rdi] },
);

/** Fills c bytes at a with the lowest one of b. */
export const fill = form(
  (e, i) => {
    const { assembler } = e;
    assembler.lea(rdi, { base: memoryBase, index: e.register(i.a) }, 8);
    assembler.move(rax, e.register(i.b));
    assembler.move(rcx, e.register(i.c));
    assembler.rep("stosb");
  },
  { late: bitOfA | bitOfB | bitOfC, clobbers: [rax, rcx, rdi] },
);

/** [memory] = a, seen by all threads before what is read or written next. */
export const atomicStore = form(
  (e, i) => {
    e.assembler.move(rax, e.register(i.a));
    e.assembler.exchange(e.memory(i), rax);
  },
  { late: bitOfA | 8, clobbers: [rax] },
);

/** to = [memory]; [memory] += a. */
export const atomicAdd = form(
  (e, i) => {
    e.assembler.move(rax, e.register(i.a));
    e.assembler.exchangeAdd(e.memory(i), rax);
    const to = e.register(i.to);
    if (to !== rax) e.assembler.move(to, rax);
  },
  { late: bitOfA | 8, clobbers: [rax] },
);

/** The system call of Linux that threads sleep and wake by, on memory of one process. */
const futex = 202;
const futexWait = 128;
const futexWake = 129;
/** Its result where the memory did not hold what was expected. */
const again = -11;

/** to = 1 if [memory] is not a, else 0 after a sleep. */
export const wait = form(
  (e, i) => {
    const { assembler } = e;
    assembler.lea(rdi, e.memory(i), 8);
    assembler.move(rdx, e.register(i.a));
    assembler.move(rsi, { immediate: futexWait });
    assembler.move(r10, { immediate: 0 });
    assembler.move(rax, { immediate: futex });
    assembler.syscall();
    const to = e.register(i.to);
    assembler.arithmetic("cmp", rax, { immediate: again });
    assembler.setIf("e", to);
    assembler.zeroExtendByte(to, to);
  },
  { late: bitOfA | 8, clobbers: [rax, rcx, rdx, rsi, rdi, r10, r11] },
);

/** Wakes all that sleep at the memory operand; to = their number. */
export const pause = form(({ assembler }) => assembler.pause());

export const notify = form(
  (e, i) => {
    const { assembler } = e;
    assembler.lea(rdi, e.memory(i), 8);
    assembler.move(rsi, { immediate: futexWake });
    assembler.move(rdx, { immediate: 2 ** 31 - 1 });
    assembler.move(rax, { immediate: futex });
    assembler.syscall();
    const to = e.register(i.to);
    if (to !== rax) assembler.move(to, rax);
  },
  { late: 8, clobbers: [rax, rcx, rdx, rsi, rdi, r11] },
);

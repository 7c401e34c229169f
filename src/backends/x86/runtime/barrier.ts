/**
 * Where the threads of a program meet in machine code: words of shared memory, counted by arrival and told apart by generation.
 * Threads that wait for long sleep by Linux's futex, of which WebAssembly and JavaScript know nothing: all that meet run
 * machine code.
 */

import type { Assembler, General } from "../assembler/assembler.ts";

const [rax, rcx, rdx, rsi, rdi, r8, r10, r15] = [0, 1, 2, 6, 7, 8, 10, 15];

/** The words, at the start of memory. */
const arrived = { base: r15, displacement: 0 };
const generation = { base: r15, displacement: 4 };
const sleeping = { base: r15, displacement: 12 };

/**
 * How often a thread looks before it sleeps: for about 70 microseconds if each thread has a processor of its own, for one or two
 * if they share them. A pause takes 20 to 45 nanoseconds, on processors from before 2017 a tenth of that.
 */
const patience = { alone: 3000, sharing: 60 };

/** Of memory that no other process has. */
const futex = { call: 202, wait: 128, wake: 129 };
const all = 2 ** 31 - 1;

/**
 * Goes on when so many threads have come here. r15 is where memory starts; nothing else is kept.
 * @param threads a register other than rax, rcx and r8
 */
export function emitBarrier(assembler: Assembler, threads: General, haveProcessors: boolean): void {
  const [waits, looks, sleeps] = [assembler.newLabel(), assembler.newLabel(), assembler.newLabel()];
  const [isAwake, end] = [assembler.newLabel(), assembler.newLabel()];
  assembler.arithmetic("cmp", threads, { immediate: 1 });
  assembler.jumpIf("le", end);
  assembler.move(r8, generation);
  assembler.move(rax, { immediate: 1 });
  assembler.exchangeAdd(arrived, rax);
  assembler.lea(rcx, { base: rax, displacement: 1 });
  assembler.arithmetic("cmp", rcx, threads);
  assembler.jumpIf("ne", waits);

  assembler.move(arrived, { immediate: 0 });
  assembler.lea(rcx, { base: r8, displacement: 1 });
  // After this has been written, not before: who counts itself later sees the new generation, and does not sleep.
  assembler.exchange(generation, rcx);
  assembler.arithmetic("cmp", sleeping, { immediate: 0 });
  assembler.jumpIf("e", end);
  assembler.move(rdx, { immediate: all });
  callFutex(assembler, futex.wake);
  assembler.jump(end);

  assembler.bind(waits);
  assembler.move(rcx, { immediate: haveProcessors ? patience.alone : patience.sharing });
  assembler.bind(looks);
  assembler.arithmetic("cmp", generation, r8);
  assembler.jumpIf("ne", end);
  assembler.pause();
  assembler.arithmetic("sub", rcx, { immediate: 1 });
  assembler.jumpIf("ne", looks);

  assembler.move(rax, { immediate: 1 });
  assembler.exchangeAdd(sleeping, rax);
  assembler.bind(sleeps);
  assembler.arithmetic("cmp", generation, r8);
  assembler.jumpIf("ne", isAwake);
  assembler.move(rdx, r8);
  callFutex(assembler, futex.wait);
  assembler.jump(sleeps);
  assembler.bind(isAwake);
  assembler.move(rax, { immediate: -1 });
  assembler.exchangeAdd(sleeping, rax);
  assembler.bind(end);
}

/** On the generation, with the third parameter in rdx, and without a limit of time. */
function callFutex(assembler: Assembler, operation: number): void {
  assembler.lea(rdi, generation, 8);
  assembler.move(rsi, { immediate: operation });
  assembler.arithmetic("xor", r10, r10);
  assembler.move(rax, { immediate: futex.call });
  assembler.syscall();
}

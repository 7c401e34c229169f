/** x86-64 with vectors of 256 bits (AVX2) or of 512 (AVX-512), on cores with a megabyte of L2 cache. */

import { mostK, type Target } from "../../compiler/target.ts";
import type { Instructions } from "../instructions/functions.ts";
import type { InstructionSet } from "./assembler/assembler.ts";

const cache = { line: 64, level1: 2 ** 15, level2: 2 ** 20 };

/** Two vectors of columns in a panel. */
const panelVectors = 2;

/**
 * Tiles of 8 x 32 and of 6 x 16: 16 and 12 sums keep both multipliers of a core busy while each waits four cycles for its last
 * addition, and two vectors of B with as many elements of A as rows are fewer loads than a core does meanwhile. Rows of A
 * each have a pointer, of which there are not enough for taller tiles.
 */
const sets: Readonly<Record<InstructionSet, Pick<Target, "lanes" | "registers"> & Tiles>> = {
  avx2: {
    lanes: 8,
    registers: 16,
    tileRows: [6, 5, 4],
    wideTiles: [
      { rows: 1, panels: [6, 4, 2] },
      { rows: 2, panels: [2] },
      { rows: 3, panels: [2] },
    ],
  },
  avx512: {
    lanes: 16,
    registers: 32,
    tileRows: [8, 7, 6, 5, 4],
    wideTiles: [
      { rows: 1, panels: [8, 4, 2] },
      { rows: 2, panels: [4, 2] },
      { rows: 3, panels: [4, 2] },
    ],
  },
};
type Tiles = Pick<Target["product"], "tileRows" | "wideTiles">;

const targets = new Map<InstructionSet, Target>();

/** One object for each: what is made for it once is known by it. */
export function nativeTarget(set: InstructionSet): Target {
  let target = targets.get(set);
  if (!target) {
    target = makeTarget(set);
    targets.set(set, target);
  }
  return target;
}

function makeTarget(set: InstructionSet): Target {
  const { lanes, registers, tileRows, wideTiles } = sets[set];
  return {
    ...{ lanes, registers, cache, fused: true, tailRows: 64 },
    product: {
      panelColumns: panelVectors * lanes,
      tileRows,
      wideTiles,
      keepsOrder: true,
      block: { rows: 96, columns: 704, k: mostK },
    },
  };
}

/** What functions for these instructions are written for. */
export function nativeInstructions(set: InstructionSet): Instructions {
  return { lanes: sets[set].lanes, fused: true, masked: true };
}

/** WebAssembly as engines run it today: vectors of 128 bits, on cores with a megabyte of L2 cache. */

import { mostK, type Target } from "../../compiler/target.ts";
import type { Instructions } from "../instructions/functions.ts";

const panelColumns = 8;
const cache = { line: 64, level1: 2 ** 15, level2: 2 ** 20 };

/**
 * The target of programs with instructions that multiply and add, or without. Tiles are measured (bench/README.md): 12
 * sums keep a core busy while each waits for its last addition; they fit the registers where no product stands between
 * a multiplication and its addition. For one to three rows, as many panels at once as it takes to hide the latency of one
 * addition behind the others.
 */
function makeTarget(fused: boolean): Target {
  return {
    lanes: 4,
    // Of 16; V8 keeps one for itself.
    registers: 15,
    fused,
    cache,
    // Ten tiles of six and one of four. With the 96 rows of a product's block, losses of 65 to 1000 classes took as long, or
    // 2 % longer.
    tailRows: 64,
    product: {
      panelColumns,
      tileRows: fused ? [6, 5, 4] : [4],
      wideTiles: [
        { rows: 1, panels: fused ? [6, 4, 2] : [4, 2] },
        { rows: 2, panels: [2] },
        ...(fused ? [{ rows: 3, panels: [2] }] : []),
      ],
      // V8 loads what is needed up to the next branch first.
      keepsOrder: false,
      block: {
        // A multiple of the tallest tile.
        rows: 96,
        // For each block of columns A is read, and packed where it must be, again. The panels are read in order, so that they
        // need not fit the L2 cache.
        columns: 704,
        // A panel is a whole L1 cache, but a core fetches what it reads in order as fast as the tiles take it, and fewer blocks
        // read and write C less often.
        k: mostK,
      },
    },
  };
}

const [fusedTarget, unfusedTarget] = [makeTarget(true), makeTarget(false)];

/** One object for each: what is made for it once is known by it. */
export function wasmTarget(fused: boolean): Target {
  return fused ? fusedTarget : unfusedTarget;
}

/** What functions of a WebAssembly module are written for. */
export function wasmInstructions(fused: boolean): Instructions {
  return { lanes: 4, fused, masked: false };
}

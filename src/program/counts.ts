/** GraphCounts of what stands in a graph and in a lowered program, to see what a pass changed. */

import { livesOf, placeBuffers } from "../compiler/loops/memory.ts";
import { type LoweredProgram, simpleStatements } from "../compiler/loops/program.ts";
import { workOf } from "../compiler/loops/work.ts";
import { bodyResults } from "../graph/body.ts";
import type { Bindings } from "../graph/dimension.ts";
import { isKind, isOp, type Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";

/** What stands in a graph, bodies of scans included. */
export interface GraphCounts {
  readonly nodes: number;
  readonly scans: number;
  readonly products: number;
  /** Products that are done at every step of a scan. */
  readonly inLoops: number;
}

export function countGraph(results: readonly Node[], inLoop = false): GraphCounts {
  const nodes = topologicalOrder(results);
  const inner = nodes
    .filter((node) => isOp(node, "scan"))
    .map((scan) => countGraph(bodyResults(scan.attributes.body), true));
  const products = nodes.filter((node) => isKind(node, "contraction")).length;
  const sum = (of: keyof GraphCounts, own: number) =>
    inner.reduce((total, counts) => total + counts[of], own);
  return {
    nodes: sum("nodes", nodes.length),
    scans: sum("scans", inner.length),
    products: sum("products", products),
    inLoops: sum("inLoops", inLoop ? products : 0),
  };
}

/** What stands in a lowered program. */
export interface LoopCounts {
  /** Loop nests of elementwise work, reductions and copies. */
  readonly nests: number;
  /** Statements that are run once, not at every call. */
  readonly once: number;
  /** Statements that are run block by block. */
  readonly inBlocks: number;
  /** Products whose right-hand side was packed before. */
  readonly packed: number;
  /** Buffers of the arena, and its bytes. */
  readonly buffers: number;
  readonly bytes: number;
  /** The part of the arithmetic that threads can share, in per cent. */
  readonly shared: number;
}

export function countLoops(program: LoweredProgram, sizes: Bindings): LoopCounts {
  const { setup, statements } = program;
  const simple = simpleStatements([...setup, ...statements]);
  const blocks = statements.filter(({ kind }) => kind === "blocks");
  const { shared, total } = workOf(statements, sizes);
  return {
    nests: simple.filter(({ kind }) => kind === "map").length,
    once: setup.length,
    inBlocks: simpleStatements(blocks).length,
    packed: simple.filter((statement) => statement.kind === "product" && statement.packed).length,
    buffers: livesOf(program).length,
    bytes: placeBuffers(program, sizes).bytes,
    shared: total === 0 ? 0 : Math.round((100 * shared) / total),
  };
}

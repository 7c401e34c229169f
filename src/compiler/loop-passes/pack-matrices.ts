/**
 * Packing: some right-hand sides are used many times without a change: in a loop, in blocks of rows, or at every call. They are
 * brought into the layout of the products' inner loop once, before all of these.
 */

import { ceilDivide, type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { writtenBuffers } from "../loops/effects.ts";
import type {
  BlocksStatement,
  Buffer,
  LoopStatement,
  LoweredProgram,
  PackStatement,
  ProductStatement,
  Statement,
} from "../loops/program.ts";
import { viewKey } from "../loops/view.ts";
import type { Target } from "../target.ts";

/** Elements of a packed right-hand side of `k` rows and `n` columns. */
function packedSize(k: Dimension, n: Dimension, { product: { panelColumns } }: Target): Dimension {
  return multiplyDimensions(multiplyDimensions(panelColumns, ceilDivide(n, panelColumns)), k);
}

/** What repeats the statements in it, with the packs that go before it, by what they pack. */
interface Place {
  readonly repeats: LoopStatement | BlocksStatement | "program";
  readonly packs: Map<string, PackStatement>;
}

/** The program with its packs. */
export function packMatrices(program: LoweredProgram): LoweredProgram {
  const buffers = [...program.buffers];
  const isChanged = ({ b, k, n }: ProductStatement, { repeats }: Place): boolean => {
    if (!b.buffer) return true;
    if (repeats === "program") {
      const lasts = program.fixed.has(b.buffer) || b.buffer.kind === "lasting";
      return !lasts || typeof packedSize(k.size, n.size, program.target) !== "number";
    }
    const moves = repeats.kind === "loop" && b.offset.counters.some(({ loop }) => loop === repeats.loop);
    return moves || writtenBuffers([repeats]).has(b.buffer);
  };
  /** The product with its right-hand side packed before the outermost of `around` that does not change it. */
  const packed = (product: ProductStatement, around: readonly Place[]): ProductStatement => {
    const changing = around.findLastIndex((place) => isChanged(product, place));
    const place = around[changing + 1];
    if (!place || product.outer.length > 0) return product;
    const { b, k, n } = product;
    const key = `${viewKey(b)}|${k.size},${k.b}|${n.size},${n.b}`;
    let pack = place.packs.get(key);
    if (!pack) {
      const made: Buffer = {
        id: buffers.length,
        size: packedSize(k.size, n.size, program.target),
        kind: place.repeats === "program" ? "lasting" : "temporary",
        leaf: undefined,
        label: `packed ${b.buffer?.label}`,
      };
      buffers.push(made);
      pack = { kind: "pack", b, k, n, packed: made };
      place.packs.set(key, pack);
    }
    return { ...product, packed: pack.packed };
  };
  const visit = <S extends Statement>(
    statements: readonly S[],
    around: readonly Place[],
  ): (S | PackStatement)[] =>
    statements.flatMap((statement) => {
      if (statement.kind === "product") return [packed(statement, around) as S];
      if (statement.kind !== "loop" && statement.kind !== "blocks") return [statement];
      const place: Place = { repeats: statement, packs: new Map() };
      const body = visit<Statement>(statement.body, [...around, place]);
      return [...place.packs.values(), { ...statement, body } as S];
    });
  const calls: Place = { repeats: "program", packs: new Map() };
  const statements = visit(program.statements, [calls]);
  return { ...program, buffers, setup: [...program.setup, ...calls.packs.values()], statements };
}

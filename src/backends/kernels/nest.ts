/** The shape of a map's loop nest: its ways through memory, and its loops, as few as these allow. No code is written here. */

import { isScalar, type MapStatement, type Operand, type View } from "../../compiler/loops/program.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { isKind, type Node } from "../../graph/node.ts";
import type { OfKind } from "../../graph/operations.ts";
import type { Local } from "../instructions/expressions.ts";

/**
 * One way through memory: a view with its strides along the axes of the nest, and its pointer at each level. Ways that are always the same
 * distance from each other have one pointer; `offset` is how far from it, in bytes.
 */
export interface Access {
  readonly view: View;
  strides: readonly Dimension[];
  pointers: Local<"i32">[];
  offset: number;
}

export interface Axis {
  readonly size: Dimension;
  readonly reduced: boolean;
  /** For the axis that is split over threads: the elements of this axis for each position of that. */
  readonly lot: Dimension | undefined;
}

export interface Store {
  readonly access: Access;
  readonly from: Node | Operand;
  /** The float64 sums of a long reduction that is added up in memory. */
  readonly wide: Access | undefined;
}

export interface Nest {
  readonly loads: ReadonlyMap<View, Access>;
  readonly stores: readonly Store[];
  /** From the outermost to the innermost. */
  readonly axes: readonly Axis[];
  /** The first of the innermost reduced axes: reductions end there. */
  readonly reducedFrom: number;
}

export function isReduction(value: Node | Operand): value is Node<OfKind<"reduction">> {
  return "op" in value && isKind(value, "reduction");
}

export function nestOf(statement: MapStatement): Nest {
  const { space, reduced, operands, writes } = statement;
  const loads = new Map<View, Access>();
  for (const operand of [...operands.values(), ...writes.map(({ from }) => from)]) {
    if ("op" in operand || isScalar(operand)) continue;
    loads.set(operand, { view: operand, strides: operand.strides, pointers: [], offset: 0 });
  }
  /** Views of reductions lack the reduced axes. */
  const alongSpace = (strides: readonly Dimension[]) => {
    const left = [...strides];
    return space.map((_, axis) => (reduced.includes(axis) ? 0 : (left.shift() ?? 0)));
  };
  const stores = writes.map(({ from, to, wide }): Store => {
    const access = (view: View): Access => ({
      view,
      strides: isReduction(from) ? alongSpace(view.strides) : view.strides,
      pointers: [],
      offset: 0,
    });
    return { from, access: access(to), wide: wide && access(wide) };
  });
  const written = stores.flatMap(({ access, wide }) => (wide ? [access, wide] : [access]));
  const axes = collapse(statement, [...loads.values(), ...written]);
  return { loads, stores, axes, reducedFrom: axes.findLastIndex((axis) => !axis.reduced) + 1 };
}

/** The axes of the nest: those of size 1 vanish, neighbours that all accesses walk without a gap become one. */
function collapse({ space, reduced, split }: MapStatement, accesses: readonly Access[]): Axis[] {
  const axes: Axis[] = [];
  const kept = new Map<Access, Dimension[]>(accesses.map((access) => [access, []]));
  space.forEach((size, source) => {
    if (size === 1) return;
    const isReduced = reduced.includes(source);
    const last = axes.at(-1);
    const joins =
      last?.reduced === isReduced &&
      split?.axis !== source &&
      accesses.every((access) => {
        const outer = kept.get(access)?.at(-1) as Dimension;
        return outer === multiplyDimensions(access.strides[source] as Dimension, size);
      });
    if (last && joins) {
      const lot = last.lot === undefined ? undefined : multiplyDimensions(last.lot, size);
      axes[axes.length - 1] = { ...last, size: multiplyDimensions(last.size, size), lot };
      for (const [access, strides] of kept) strides[strides.length - 1] = access.strides[source] as Dimension;
    } else {
      axes.push({ size, reduced: isReduced, lot: split?.axis === source ? 1 : undefined });
      for (const [access, strides] of kept) strides.push(access.strides[source] as Dimension);
    }
  });
  if (axes.length === 0) {
    axes.push({ size: 1, reduced: false, lot: undefined });
    for (const strides of kept.values()) strides.push(0);
  }
  for (const [access, strides] of kept) access.strides = strides;
  return axes;
}

/**
 * Lets accesses of one buffer with the same strides, a fixed number of elements apart, share the pointer of the lowest one. Returns those that
 * have a pointer of their own: among them sums that are taken in blocks, which others walk through too.
 */
export function sharePointers({ loads, stores }: Nest): Access[] {
  const isAlone = ({ wide }: Store) => wide !== undefined;
  const alone = stores.filter(isAlone).map(({ access }) => access);
  const others = stores.filter((store) => !isAlone(store)).map(({ access }) => access);
  const groups = new Map<unknown, Access[]>();
  for (const access of [...loads.values(), ...others]) {
    const { buffer, offset } = access.view;
    const isFixed = buffer !== undefined && typeof offset.base === "number";
    const key = isFixed ? JSON.stringify([buffer.id, access.strides, offset.counters]) : access;
    const group = groups.get(key);
    if (group) group.push(access);
    else groups.set(key, [access]);
  }
  const base = ({ view }: Access) => view.offset.base as number;
  const leads = [...groups.values()].map((group) => {
    const lead = group.reduce((lowest, access) => (base(access) < base(lowest) ? access : lowest));
    for (const access of group) {
      if (access === lead) continue;
      access.pointers = lead.pointers;
      access.offset = 4 * (base(access) - base(lead));
    }
    return lead;
  });
  return [...leads, ...alone];
}

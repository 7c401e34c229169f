/**
 * Sums over time leave the loop. A state that only adds up products a_t b_t, as a weight's gradient does, becomes one
 * product over all steps; an output that is a product with a fixed matrix is computed for all steps at once.
 */

import { add, concat, einsum, sum } from "../../graph/build.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { freshLabel, joinLabels, parseLabels } from "../../graph/einsum.ts";
import { isOp, type Node, node } from "../../graph/node.ts";
import type { ClosedScan, OpenScan, OutputPart, ResultPart, StatePart } from "../../graph/open-scan.ts";
import { pastReads } from "../../graph/traverse.ts";
import { addedTerms, addends, readersOf } from "./accumulators.ts";
import { einsumOverTime, type Lifted, lifter } from "./lift.ts";
import { rewriteScans } from "./scans.ts";
import { sunk } from "./sink-views.ts";

/** A node outside of the loop that is known once the new scan is. */
type Outside = (closed: ClosedScan) => Node;
type TimedOutside = (closed: ClosedScan) => Lifted;

export function pushSums(results: readonly Node[]): Node[] {
  return rewriteScans(results, pushSums, (open) => {
    // A scan over chunks is there to save memory: what its steps need must not be kept for all of them.
    if (open.course.recompute) return undefined;
    const pusher = new Pusher(open);
    const outputs = [...open.outputs];
    const moved = new Map<ResultPart, Outside | undefined>([
      ...open.states.map((state) => [state, pusher.accumulator(state)] as const),
      ...outputs.map((output) => [output, pusher.output(output)] as const),
    ]);
    if (![...moved.values()].some((outside) => outside)) return undefined;
    // What moved out is no longer read and falls to pruning.
    const closed = open.close();
    return (part) => moved.get(part)?.(closed) ?? closed.result(part);
  });
}

class Pusher {
  readonly open: OpenScan;
  readonly lift: (candidate: Node) => Lifted | undefined;
  readonly #users: ReadonlyMap<Node, number>;
  readonly #readByPast: ReadonlySet<OutputPart>;

  constructor(open: OpenScan) {
    this.open = open;
    this.lift = lifter(open);
    this.#users = readersOf(open);
    this.#readByPast = new Set(pastReads(open.computed()).map((read) => open.outputOf(read)));
  }

  /** The final value of a state that adds terms of time to itself; undefined for any other state. */
  accumulator(state: StatePart): Outside | undefined {
    const rest = addedTerms(state, this.#users);
    if (!rest) return undefined;
    const recipes = rest.map((term) => this.#summed(term));
    if (recipes.some((recipe) => !recipe)) return undefined;
    const made = (recipes as (() => Outside)[]).map((recipe) => recipe());
    return (scan) => made.map((term) => term(scan)).reduce((total, term) => add(total, term), state.source);
  }

  /** An output that is a product with something fixed, made of that product's other side. */
  output(part: OutputPart): Outside | undefined {
    const output = part.value;
    if (this.#readByPast.has(part) || this.#users.get(output) !== 1) return undefined;
    const added = addends(output);
    if (added.some((term) => term !== output && this.#users.get(term) !== 1)) return undefined;
    const terms = added.map((term) => {
      const source = term.inputs[0];
      return isOp(term, "slice") && source && isOp(source, "einsum") ? (sunk(term, source) as Node) : term;
    });
    const fits = terms.every((term) => {
      if (!isOp(term, "einsum")) return false;
      const sides = term.inputs.map((side) => this.lift(side));
      return sides.filter((side) => side && !side.timed).length === 1;
    });
    if (!fits) return undefined;
    const made = (terms as Node<"einsum">[]).map((term) => {
      const [a, b] = term.inputs.map((side) => this.#timed(side)) as [TimedOutside, TimedOutside];
      return (scan: ClosedScan) => einsumOverTime(term, a(scan), b(scan));
    });
    return (scan) => made.map((term) => term(scan)).reduce((total, term) => add(total, term));
  }

  /** A term of an accumulator, summed over all steps; undefined where that would cost memory for nothing. */
  #summed(term: Node): (() => Outside) | undefined {
    if (isOp(term, "einsum")) {
      const labels = parseLabels(term.attributes.labels);
      if (term.inputs.some((side) => this.lift(side)?.timed === false)) return undefined;
      return () => {
        const [a, b] = term.inputs.map((side) => this.#timed(side)) as [TimedOutside, TimedOutside];
        const time = freshLabel(labels.a, labels.b, labels.result);
        return (scan) =>
          einsum(
            a(scan).node,
            b(scan).node,
            joinLabels({ a: time + labels.a, b: time + labels.b, result: labels.result }),
          );
      };
    }
    if (isOp(term, "concat")) {
      const parts = term.inputs.map((part) => this.#summed(part));
      if (parts.some((part) => !part)) return undefined;
      return () => {
        const made = (parts as (() => Outside)[]).map((part) => part());
        return (scan) => {
          const summed = made.map((part) => part(scan));
          return concat(summed, term.attributes.axis);
        };
      };
    }
    if (isOp(term, "sum")) {
      if (this.lift(term)?.timed === false) return undefined;
      return () => {
        const value = this.#timed(term.inputs[0] as Node);
        return (scan) => sum(value(scan).node, [0, ...term.attributes.axes.map((axis) => axis + 1)]);
      };
    }
    if (isOp(term, "scatterAdd") && !term.inputs.some((input) => this.lift(input)?.timed === false)) {
      return () => {
        const [indices, updates] = term.inputs.map((input) => this.#timed(input)) as [
          TimedOutside,
          TimedOutside,
        ];
        const size = term.attributes.size as Dimension;
        return (scan) => node("scatterAdd", [indices(scan).node, updates(scan).node], { size });
      };
    }
    return undefined;
  }

  /** A value of the body for all steps: lifted where that is free, else one more output of the scan. */
  #timed(value: Node): TimedOutside {
    const lifted = this.lift(value);
    if (lifted) return () => lifted;
    const { open } = this;
    const output = open.outputs.find((known) => known.value === value) ?? open.addOutput(value);
    return (scan) => ({ node: scan.result(output), timed: true });
  }
}

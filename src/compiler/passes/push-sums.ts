/**
 * Sums over time leave the loop. A state that only adds up products a_t b_t, as a weight's gradient does, becomes one
 * product over all steps; an output that is a product with a fixed matrix is computed for all steps at once.
 */

import { bodyResults } from "../../graph/body.ts";
import { add, concat, einsum, sum } from "../../graph/build.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { freshLabel, joinLabels, parseLabels } from "../../graph/einsum.ts";
import { isOp, type Node, node } from "../../graph/node.ts";
import { pastReads, scanInputs, scanOutput } from "../../graph/traverse.ts";
import { addedTerms, addends, readersOf } from "./accumulators.ts";
import { einsumOverTime, type Lifted, lifter } from "./lift.ts";
import { closeScan, givenTo, type OpenScan, openScan, rewriteScans } from "./scans.ts";
import { sunk } from "./sink-views.ts";

/** A node outside of the loop that is known once the new scan is. */
type Outside = (scan: Node) => Node;

export function pushSums(results: readonly Node[]): Node[] {
  return rewriteScans(results, pushSums, (scan) => {
    // A scan over chunks is there to save memory: what its steps need must not be kept for all of them.
    if (scan.attributes.recompute) return undefined;
    const open = openScan(scan);
    const { body } = scan.attributes;
    const pusher = new Pusher(open);
    const finals = body.next.map((_, index) => pusher.accumulator(index));
    const outputs = body.outputs.map((output, index) => pusher.output(output, index));
    if (![...finals, ...outputs].some((moved) => moved)) return undefined;
    return pusher.finish(finals, outputs);
  });
}

class Pusher {
  readonly open: OpenScan;
  readonly lift: (candidate: Node) => Lifted | undefined;
  readonly #added: Node[] = [];
  readonly #users: ReadonlyMap<Node, number>;
  readonly #readByPast: ReadonlySet<number>;

  constructor(open: OpenScan) {
    this.open = open;
    this.lift = lifter(open);
    const { body } = open.scan.attributes;
    this.#users = readersOf(open);
    this.#readByPast = new Set(pastReads(bodyResults(body)).map(({ attributes }) => attributes.output));
  }

  /** The final value of a state that adds terms of time to itself; undefined for any other state. */
  accumulator(index: number): Outside | undefined {
    const rest = addedTerms(this.open, index, this.#users);
    if (!rest) return undefined;
    const recipes = rest.map((term) => this.#summed(term));
    if (recipes.some((recipe) => !recipe)) return undefined;
    const made = (recipes as (() => Outside)[]).map((recipe) => recipe());
    const init = scanInputs(this.open.scan).init[index] as Node;
    return (scan) => made.map((term) => term(scan)).reduce((total, term) => add(total, term), init);
  }

  /** An output that is a product with something fixed, made of that product's other side. */
  output(output: Node, index: number): Outside | undefined {
    if (this.#readByPast.has(index) || this.#users.get(output) !== 1) return undefined;
    const parts = addends(output);
    if (parts.some((part) => part !== output && this.#users.get(part) !== 1)) return undefined;
    const terms = parts.map((part) => {
      const source = part.inputs[0];
      return isOp(part, "slice") && source && isOp(source, "einsum") ? (sunk(part, source) as Node) : part;
    });
    const fits = terms.every((term) => {
      if (!isOp(term, "einsum")) return false;
      const sides = term.inputs.map((side) => this.lift(side));
      return sides.filter((side) => side && !side.timed).length === 1;
    });
    if (!fits) return undefined;
    const made = (terms as Node<"einsum">[]).map((term) => {
      const [a, b] = term.inputs.map((side) => this.#timed(side)) as [TimedOutside, TimedOutside];
      return (scan: Node) => einsumOverTime(term, a(scan), b(scan));
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
    const { body } = this.open.scan.attributes;
    const known = body.outputs.indexOf(value);
    if (known < 0 && !this.#added.includes(value)) this.#added.push(value);
    const index = known < 0 ? body.outputs.length + this.#added.indexOf(value) : known;
    return (scan) => ({ node: scanOutput(scan, body.next.length + index), timed: true });
  }

  finish(finals: readonly (Outside | undefined)[], outputs: readonly (Outside | undefined)[]) {
    const { scan, parameters } = this.open;
    const { body } = scan.attributes;
    // States and outputs keep their numbers; what moved out is no longer read and falls to pruning.
    const closed = closeScan(
      scan,
      {
        ...givenTo(this.open),
        inboxes: parameters.slice(parameters.length - body.inboxes.length, parameters.length),
      },
      { next: body.next, outputs: [...body.outputs, ...this.#added], sends: body.sends },
    );
    return (index: number): Node => {
      const moved = index < body.next.length ? finals[index] : outputs[index - body.next.length];
      return moved ? moved(closed) : scanOutput(closed, index);
    };
  }
}

type TimedOutside = (scan: Node) => Lifted;

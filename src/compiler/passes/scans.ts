/** What passes over scans share: visiting every scan of a graph, inner bodies first, and putting another in its place. */

import type { BodyParts } from "../../graph/body.ts";
import { scan as buildScan } from "../../graph/build.ts";
import { isOp, type Node, node } from "../../graph/node.ts";
import { bodyArguments, mapBody, rebuild, scanInputs, withInputs } from "../../graph/traverse.ts";

/** A rewrite of a graph: results in, equal results out. */
export type Pass = (results: readonly Node[]) => Node[];

/** What replaces a scan: a node for each of its results that is used. */
export type Replacement = (index: number) => Node;

/**
 * Apply a pass to the bodies of all scans, then `replace` to each scan of this graph; `undefined` leaves it. `uses` are
 * the nodes of this graph before the rewrite.
 */
export function rewriteScans(
  results: readonly Node[],
  pass: Pass,
  replace: (scan: Node<"scan">) => Replacement | undefined,
): Node[] {
  const replacements = new Map<Node, Replacement>();
  return rebuild(results, (original, inputs) => {
    if (isOp(original, "scan")) {
      const body = mapBody(original.attributes.body, pass);
      const scan = node("scan", inputs, { ...original.attributes, body });
      const replacement = replace(scan);
      if (replacement) replacements.set(scan, replacement);
      return scan;
    }
    const replacement = isOp(original, "output") ? replacements.get(inputs[0] as Node) : undefined;
    return replacement && isOp(original, "output")
      ? replacement(original.attributes.index)
      : withInputs(original, inputs);
  });
}

/** A scan in parts that can be changed freely: arguments stand for themselves until `close` numbers them anew. */
export interface OpenScan {
  readonly scan: Node<"scan">;
  readonly parameters: readonly Node<"argument">[];
  readonly states: readonly Node[];
  readonly sequences: readonly Node[];
  readonly captures: readonly Node[];
}

export function openScan(scan: Node<"scan">): OpenScan {
  const { body } = scan.attributes;
  const parameters = bodyArguments(body);
  const first = body.states.length;
  const second = first + body.sequences.length;
  return {
    scan,
    parameters,
    states: parameters.slice(0, first),
    sequences: parameters.slice(first, second),
    captures: parameters.slice(second, second + body.captures.length),
  };
}

/** An argument that a pass adds to a body; `close` gives it its number. */
export function newArgument({ shape, dtype }: Pick<Node, "shape" | "dtype">): Node {
  added += 1;
  return node("argument", [], { index: added, scope: -2, shape, dtype });
}
let added = 0;

type Given = readonly (readonly [argument: Node, given: Node])[];

/** Build a scan from arguments with what they are given, in order, and the body's results over these arguments. */
export function closeScan(
  original: Node<"scan">,
  given: { states: Given; sequences: Given; captures: Given; inboxes: readonly Node[] },
  results: Pick<BodyParts, "next" | "outputs" | "sends">,
): Node<"scan"> {
  const { body, ...attributes } = original.attributes;
  const typesOf = (list: Given) => list.map(([{ shape, dtype }]) => ({ shape, dtype }));
  const parts: BodyParts = {
    ...body,
    states: typesOf(given.states),
    sequences: typesOf(given.sequences),
    captures: typesOf(given.captures),
    inboxes: given.inboxes.map(({ shape, dtype }) => ({ shape, dtype })),
    next: [],
    outputs: [],
    sends: [],
  };
  const order = [
    ...[...given.states, ...given.sequences, ...given.captures].map(([argument]) => argument),
    ...given.inboxes,
  ];
  const closed = bodyArguments(parts);
  const known = new Map<Node, Node>(order.map((argument, index) => [argument, closed[index] as Node]));
  const sent = results.sends.flatMap(({ index, value }) => [index, value]);
  const rebuilt = rebuild([...results.next, ...results.outputs, ...sent], undefined, known);
  const outputs = results.next.length + results.outputs.length;
  return buildScan({
    ...attributes,
    body: {
      ...parts,
      next: rebuilt.slice(0, results.next.length),
      outputs: rebuilt.slice(results.next.length, outputs),
      sends: results.sends.map(({ inbox }, at) => ({
        inbox,
        index: rebuilt[outputs + 2 * at] as Node,
        value: rebuilt[outputs + 2 * at + 1] as Node,
      })),
    },
    init: given.states.map(([, node]) => node),
    sequences: given.sequences.map(([, node]) => node),
    captures: given.captures.map(([, node]) => node),
  });
}

/** The arguments of an open scan with what they are given. */
export function givenTo({ scan, states, sequences, captures }: OpenScan) {
  const inputs = scanInputs(scan);
  const pair = (list: readonly Node[], given: readonly Node[]) =>
    list.map((argument, index) => [argument, given[index] as Node] as const);
  return {
    states: pair(states, inputs.init),
    sequences: pair(sequences, inputs.sequences),
    captures: pair(captures, inputs.captures),
  };
}

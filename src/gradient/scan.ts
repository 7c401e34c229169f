/**
 * Backpropagation through time: the gradient of a scan is a scan that runs the other way.
 *
 * The forward scan runs once more in the graph with extra outputs, what the backward one needs of it; the compiler
 * merges both forward scans into one. A step backwards recomputes what is cheap and loads what is dear.
 */

import { GraphError } from "../errors.ts";
import type { BodyParts, Send } from "../graph/body.ts";
import { add, scan as buildScan, full } from "../graph/build.ts";
import type { Shape } from "../graph/dimension.ts";
import { type Node, node, type TensorType } from "../graph/node.ts";
import { factsOf } from "../graph/operations.ts";
import {
  bodyArguments,
  dependents,
  pastReads,
  rebuild,
  scanInputs,
  scanOutput,
  topologicalOrder,
} from "../graph/traverse.ts";
import { pullback } from "./gradient.ts";

/** Scope of the arguments of a backward step while it is put together; forward arguments have scope 0. */
const backwardScope = -1;
const placeholder = (index: number, { shape, dtype }: TensorType) =>
  node("argument", [], { index, scope: backwardScope, shape, dtype });
const zeros = ({ shape }: { shape: Shape }) => full(0, shape);
const typeOf = ({ shape, dtype }: TensorType): TensorType => ({ shape, dtype });

/** Sums of what is there: undefined stands for zero. */
function total(terms: readonly (Node | undefined)[]): Node | undefined {
  return terms.reduce((sum, term) => (sum && term ? add(sum, term) : (sum ?? term)), undefined);
}

/**
 * Cotangents of a scan's inputs.
 * @param cotangents of the scan's results: final states, then output sequences; undefined where none
 * @param needed which inputs' cotangents are asked for
 */
export function scanGradient(
  forward: Node<"scan">,
  cotangents: readonly (Node | undefined)[],
  needed: readonly boolean[],
): (Node | undefined)[] {
  const { body, length, reverse, recompute } = forward.attributes;
  if (body.sends.length > 0) {
    throw new GraphError(
      "gradient: second derivatives of a scan whose step reads its history by index are not supported",
    );
  }
  const parameters = bodyArguments(body);
  const states = body.states.length;
  const sequences = body.sequences.length;
  const active = activeArguments(forward, needed);
  const isActive = (argument: Node | undefined) => argument !== undefined && active.has(argument);
  const stateIndices = body.states.map((_, index) => index).filter((index) => isActive(parameters[index]));
  const reads = pastReads(body.outputs.concat(body.next)).filter(({ dtype }) => dtype === "float32");
  const backReads = reads.filter(({ inputs }) => inputs.length === 0);
  const indexedReads = reads.filter(({ inputs }) => inputs.length > 0);

  // The cotangents that a backward step starts from.
  let count = 0;
  const fresh = (type: TensorType) => placeholder(count++, type);
  const carried = stateIndices.map((index) => fresh(body.states[index] as TensorType));
  const received = body.outputs.map((output, index) =>
    cotangents[states + index] ? fresh(output) : undefined,
  );
  const inboxes = indexedReads.map((read) => fresh(read));
  const echoes = backReads.map((read, index) =>
    node("past", [], {
      ...typeOf(read),
      output: index,
      distance: read.attributes.distance,
      scope: backwardScope,
    }),
  );
  const fromHistory = (output: number) => [
    ...echoes.filter((_, at) => backReads[at]?.attributes.output === output),
    ...inboxes.filter((_, at) => indexedReads[at]?.attributes.output === output),
  ];
  const pulled = pullback(
    [...stateIndices.map((index) => body.next[index] as Node), ...body.outputs],
    [...carried, ...received.map((cotangent, output) => total([cotangent, ...fromHistory(output)]))],
    [...parameters, ...reads],
  );
  const pulledTo = (argument: Node | undefined) =>
    pulled[argument ? [...(parameters as Node[]), ...reads].indexOf(argument) : -1];

  const sequenceIndices = body.sequences.map((_, index) => index).filter((index) => needed[states + index]);
  const captureIndices = body.captures
    .map((_, index) => index)
    .filter(
      (index) => needed[states + sequences + index] && pulledTo(parameters[states + sequences + index]),
    );
  const accumulators = captureIndices.map((index) => fresh(body.captures[index] as TensorType));

  const next = [
    ...stateIndices.map((index) => pulledTo(parameters[index]) ?? zeros(body.states[index] as TensorType)),
    ...captureIndices.map((index, at) =>
      add(accumulators[at] as Node, pulledTo(parameters[states + sequences + index]) as Node),
    ),
  ];
  const outputs = [
    ...backReads.map((read) => pulledTo(read) ?? zeros(read)),
    ...sequenceIndices.map(
      (index) => pulledTo(parameters[states + index]) ?? zeros(body.sequences[index] as TensorType),
    ),
  ];
  const sends: Send[] = indexedReads.map((read, inbox) => ({
    inbox,
    index: read.inputs[0] as Node,
    value: pulledTo(read) ?? zeros(read),
  }));

  // What the backward step takes from the forward one.
  const ownArguments = new Set<Node>(
    [...carried, ...received, ...inboxes, ...accumulators, ...echoes].filter((own) => own !== undefined),
  );
  const results = [...next, ...outputs, ...sends.flatMap(({ index, value }) => [index, value])];
  const saved = valuesToSave(results, ownArguments, new Set(parameters.slice(states)), recompute);
  const savedOutputs = [...body.outputs, ...saved.filter((value) => !body.outputs.includes(value))];
  const source = buildScan({
    ...scanInputs(forward),
    body: { ...body, outputs: savedOutputs },
    length,
    reverse,
    recompute,
  });

  const used = new Set(topologicalOrder(results, (candidate) => saved.includes(candidate)));
  const usedSequences = parameters.slice(states, states + sequences).filter((argument) => used.has(argument));
  const usedCaptures = parameters.slice(states + sequences).filter((argument) => used.has(argument));
  const inputs = scanInputs(forward);
  const receivedIndices = body.outputs.map((_, index) => index).filter((index) => received[index]);
  const sequencesIn = [
    ...receivedIndices.map((index) => [received[index], cotangents[states + index]]),
    ...usedSequences.map((argument) => [argument, inputs.sequences[argument.attributes.index - states]]),
    ...saved.map((value) => [value, scanOutput(source, states + savedOutputs.indexOf(value))]),
  ] as [Node, Node][];
  const capturesIn = usedCaptures.map((argument) => [
    argument,
    inputs.captures[argument.attributes.index - states - sequences],
  ]) as [Node, Node][];

  const parts: Omit<BodyParts, "next" | "outputs" | "sends"> = {
    states: [...carried, ...accumulators].map(typeOf),
    sequences: sequencesIn.map(([argument]) => typeOf(argument)),
    captures: capturesIn.map(([argument]) => typeOf(argument)),
    inboxes: inboxes.map(typeOf),
  };
  const order = [
    ...carried,
    ...accumulators,
    ...sequencesIn.map(([argument]) => argument),
    ...capturesIn.map(([argument]) => argument),
    ...inboxes,
  ];
  const own = bodyArguments({ ...parts, next: [], outputs: [], sends: [] });
  const substitution = new Map<Node, Node>(order.map((argument, index) => [argument, own[index] as Node]));
  for (const echo of echoes) substitution.set(echo, node("past", [], { ...echo.attributes, scope: 0 }));
  const closed = rebuild(results, undefined, substitution);
  const backward = buildScan({
    body: {
      ...parts,
      next: closed.slice(0, next.length),
      outputs: closed.slice(next.length, next.length + outputs.length),
      sends: sends.map(({ inbox }, at) => ({
        inbox,
        index: closed[next.length + outputs.length + 2 * at] as Node,
        value: closed[next.length + outputs.length + 2 * at + 1] as Node,
      })),
    },
    length,
    reverse: !reverse,
    recompute,
    init: [
      ...stateIndices.map((index) => cotangents[index] ?? zeros(body.states[index] as TensorType)),
      ...accumulators.map(zeros),
    ],
    sequences: sequencesIn.map(([, sequence]) => sequence),
    captures: capturesIn.map(([, capture]) => capture),
  });

  return forward.inputs.map((_, index) => {
    if (!needed[index]) return undefined;
    if (index < states) {
      const at = stateIndices.indexOf(index);
      return at < 0 ? undefined : scanOutput(backward, at);
    }
    if (index < states + sequences) {
      return scanOutput(backward, next.length + backReads.length + sequenceIndices.indexOf(index - states));
    }
    const at = captureIndices.indexOf(index - states - sequences);
    return at < 0 ? undefined : scanOutput(backward, stateIndices.length + at);
  });
}

/** The arguments of the body that carry a gradient: those asked for, and the states that they flow into. */
function activeArguments(forward: Node<"scan">, needed: readonly boolean[]): Set<Node> {
  const { body } = forward.attributes;
  const parameters = bodyArguments(body);
  const active = new Set<Node>(
    parameters.filter((argument, index) => needed[index] && argument.dtype === "float32"),
  );
  for (let grown = true; grown; ) {
    const flows = dependents(
      [...body.next, ...body.outputs],
      (candidate) => active.has(candidate) || candidate.op === "past",
    );
    const reached = parameters.filter((argument, index) => {
      const next = body.next[index];
      return next && argument.dtype === "float32" && !active.has(argument) && flows.has(next);
    });
    for (const argument of reached) active.add(argument);
    grown = reached.length > 0;
  }
  return active;
}

/**
 * The forward values that the results load rather than recompute: the states, and the nearest dear ones.
 * @param own the backward step's own arguments
 * @param free forward arguments that the backward scan can be given again: sequence slices and captures
 */
function valuesToSave(
  results: readonly Node[],
  own: ReadonlySet<Node>,
  free: ReadonlySet<Node>,
  recompute: boolean,
): Node[] {
  const backward = dependents(results, (candidate) => own.has(candidate));
  const saved = new Set<Node>();
  const seen = new Set<Node>([...own, ...free]);
  const visit = (value: Node) => {
    if (seen.has(value)) return;
    seen.add(value);
    const { kind, cost } = factsOf(value.op);
    if (!backward.has(value) && (kind === "bound" || (cost === "dear" && !recompute))) saved.add(value);
    else value.inputs.forEach(visit);
  };
  results.forEach(visit);
  return [...saved].sort((a, b) => a.id - b.id);
}

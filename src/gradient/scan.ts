/**
 * Backpropagation through time: the gradient of a scan is a scan that runs the other way.
 *
 * The forward scan runs once more in the graph with extra outputs, what the backward one needs of it; the compiler
 * merges both forward scans into one. A step backwards recomputes what is cheap and loads what is dear.
 */

import { GraphError } from "../errors.ts";
import { add, full } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { type InputPart, OpenScan, type OutputPart, openScan, type StatePart } from "../graph/open-scan.ts";
import { factsOf } from "../graph/operations.ts";
import { dependents, pastReads, topologicalOrder } from "../graph/traverse.ts";
import { pullback } from "./gradient.ts";

const zeros = ({ shape }: Node) => full(0, shape);

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
  scan: Node<"scan">,
  cotangents: readonly (Node | undefined)[],
  needed: readonly boolean[],
): (Node | undefined)[] {
  const forward = openScan(scan);
  if (forward.sends.length > 0) {
    throw new GraphError(
      "gradient: second derivatives of a scan whose step reads its history by index are not supported",
    );
  }
  const { inputs, results } = forward;
  const { length, reverse, recompute } = forward.course;
  const backward = new OpenScan({ length, reverse: !reverse, recompute });
  const cotangentOf = new Map<InputPart | OutputPart, Node | undefined>(
    results.map((part, index) => [part, cotangents[index]]),
  );
  const wanted = new Set(inputs.filter((_, index) => needed[index]));
  const { states, outputs } = pullStep(forward, backward, { cotangentOf, wanted });
  supply(forward, backward);
  for (const [part, state] of states) state.source = cotangentOf.get(part) ?? zeros(part.argument);
  const { result } = backward.close();
  return inputs.map((part) => {
    const own = states.get(part) ?? outputs.get(part);
    return own && wanted.has(part) ? result(own) : undefined;
  });
}

/** What a gradient is made of: cotangents of results of the forward scan, and the inputs whose cotangents are asked for. */
interface Asked {
  readonly cotangentOf: ReadonlyMap<InputPart | OutputPart, Node | undefined>;
  readonly wanted: ReadonlySet<InputPart>;
}

/** The states and outputs of the backward scan that become cotangents of the forward one's inputs. */
interface Pulled {
  readonly states: ReadonlyMap<InputPart, StatePart>;
  readonly outputs: ReadonlyMap<InputPart, OutputPart>;
}

/** Pull the cotangents back through one step: gives the backward scan all that it computes, from states yet to be started. */
function pullStep(forward: OpenScan, backward: OpenScan, { cotangentOf, wanted }: Asked): Pulled {
  const active = activeArguments(forward, wanted);
  const states = new Map<InputPart, StatePart>();
  const outputs = new Map<InputPart, OutputPart>();
  const carriers = forward.states.filter(({ argument }) => active.has(argument));
  for (const state of carriers) states.set(state, backward.addState(state.source));
  const received = forward.outputs.map((output) => {
    const cotangent = cotangentOf.get(output);
    return cotangent && backward.addSequence(cotangent).argument;
  });
  const echoes = echoesOf(forward, backward);
  const given = forward.outputs.map((output, index) =>
    total([received[index], ...echoes.filter((echo) => echo.of === output).map((echo) => echo.argument)]),
  );
  const sources = [...forward.inputs.map(({ argument }) => argument), ...echoes.map(({ read }) => read)];
  const pulled = pullback(
    [...carriers.map(({ next }) => next), ...forward.outputs.map(({ value }) => value)],
    [...carriers.map((state) => states.get(state)?.argument), ...given],
    sources,
  );
  const pulledTo = (source: Node): Node | undefined => pulled[sources.indexOf(source)];

  for (const [{ argument }, state] of states) state.next = pulledTo(argument) ?? zeros(argument);
  for (const capture of forward.captures) {
    const term = wanted.has(capture) && pulledTo(capture.argument);
    if (!term) continue;
    const sum = backward.addState(capture.source);
    sum.next = add(sum.argument, term);
    states.set(capture, sum);
  }
  for (const { read, put } of echoes) put(pulledTo(read) ?? zeros(read));
  for (const sequence of forward.sequences) {
    const { argument } = sequence;
    if (wanted.has(sequence))
      outputs.set(sequence, backward.addOutput(pulledTo(argument) ?? zeros(argument)));
  }
  return { states, outputs };
}

/** A read of the past, which passes its cotangent on to the step that it read. */
interface Echo {
  readonly read: Node<"past">;
  /** The output that was read. */
  readonly of: OutputPart;
  /** What a step backwards receives for that output, from the steps that read it. */
  readonly argument: Node;
  /** Says what a step backwards passes on. */
  put(cotangent: Node): void;
}

/** What was read at a distance is again read at that distance; what was read by index is sent to that step. */
function echoesOf(forward: OpenScan, backward: OpenScan): Echo[] {
  const reads = pastReads(forward.computed()).filter(({ dtype }) => dtype === "float32");
  const echoes = reads.map((read): Echo => {
    const of = forward.outputOf(read);
    const [index] = read.inputs;
    if (index) {
      const inbox = backward.addInbox(read);
      return { read, of, argument: inbox.argument, put: (value) => backward.addSend(inbox, index, value) };
    }
    const output = backward.addOutput(read);
    return {
      read,
      of,
      argument: backward.back(output, read.attributes.distance),
      put(value) {
        output.value = value;
      },
    };
  });
  const isByIndex = ({ read }: Echo) => read.inputs.length > 0;
  return [...echoes.filter((echo) => !isByIndex(echo)), ...echoes.filter(isByIndex)];
}

/** Give the backward scan what its steps read of the forward one: inputs again, and values that it puts out. */
function supply(forward: OpenScan, backward: OpenScan): void {
  const results = backward.computed();
  const free = [...forward.sequences, ...forward.captures].map(({ argument }) => argument);
  const saved = valuesToSave(results, backward, new Set(free));
  const used = new Set(topologicalOrder(results, (candidate) => saved.includes(candidate)));
  const isUsed = ({ argument }: InputPart) => used.has(argument);
  for (const { source, argument } of forward.sequences.filter(isUsed)) backward.addSequence(source, argument);
  for (const { source, argument } of forward.captures.filter(isUsed)) backward.addCapture(source, argument);
  const outputs = saved.map(
    (value) => forward.outputs.find((output) => output.value === value) ?? forward.addOutput(value),
  );
  const { result } = forward.close();
  saved.forEach((value, index) => {
    backward.addSequence(result(outputs[index] as OutputPart), value);
  });
}

/** The arguments of the body that carry a gradient: those asked for, and the states that they flow into. */
function activeArguments(forward: OpenScan, wanted: ReadonlySet<InputPart>): Set<Node> {
  const isReal = ({ argument }: InputPart) => argument.dtype === "float32";
  const active = new Set([...wanted].filter(isReal).map(({ argument }) => argument));
  for (let grown = true; grown; ) {
    const flows = dependents(
      forward.computed(),
      (candidate) => active.has(candidate) || candidate.op === "past",
    );
    const reached = forward.states.filter(
      (state) => isReal(state) && !active.has(state.argument) && flows.has(state.next),
    );
    for (const { argument } of reached) active.add(argument);
    grown = reached.length > 0;
  }
  return active;
}

/**
 * The forward values that the results load rather than recompute: the states, and the nearest dear ones.
 * @param results what a step of the scan `backward` computes
 * @param free forward arguments that the backward scan can be given again: sequence slices and captures
 */
function valuesToSave(results: readonly Node[], backward: OpenScan, free: ReadonlySet<Node>): Node[] {
  const { recompute } = backward.course;
  const ofBackward = dependents(results, (candidate) => backward.made(candidate));
  const saved = new Set<Node>();
  const seen = new Set<Node>(free);
  const visit = (value: Node) => {
    if (seen.has(value) || backward.made(value)) return;
    seen.add(value);
    const { kind, cost } = factsOf(value.op);
    if (!ofBackward.has(value) && (kind === "bound" || (cost === "dear" && !recompute))) saved.add(value);
    else value.inputs.forEach(visit);
  };
  results.forEach(visit);
  return [...saved].sort((a, b) => a.id - b.id);
}

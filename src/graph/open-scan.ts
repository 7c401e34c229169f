/**
 * A scan that is open to changes. Its states, sequences, captures, inboxes, outputs and sends are objects: they are added,
 * changed and left out, and `close` makes the scan that they say. Whoever builds or changes a scan speaks of these
 * parts; which number a part has is decided at the end, and nobody else's business.
 */

import { type BodyParts, bodyResults, mapBody, splitArguments, splitResults } from "./body.ts";
import { isOp, type Node, node, type TensorType } from "./node.ts";
import type { Attributes } from "./operations.ts";
import { bodyArguments, rebuild, scanOutput, withInputs } from "./traverse.ts";

/** What a step reads as `argument`: a slice of the sequence `source` (T, ...), or the captured `source` itself. */
export interface InputPart {
  readonly argument: Node;
  source: Node;
}

/** What a step finds as `argument` and leaves as `next`; before the first step it is `source`. */
export interface StatePart extends InputPart {
  next: Node;
}

/** What a step puts out; the scan makes a sequence of it. */
export interface OutputPart {
  value: Node;
}

/** What a step reads as `argument` of all that earlier steps sent to it. */
export interface InboxPart {
  readonly argument: Node;
}

/** What a step sends: `value` to row b of the inbox of the step `index[b]`. */
export interface SendPart {
  readonly inbox: InboxPart;
  index: Node;
  value: Node;
}

/** What a scan results in: a final state, or a sequence of outputs. */
export type ResultPart = StatePart | OutputPart;

/** A scan that was made of parts, and its result for each part. */
export interface ClosedScan {
  readonly scan: Node<"scan">;
  result(part: ResultPart): Node;
}

const typeOf = ({ shape, dtype }: TensorType): TensorType => ({ shape, dtype });

let scopes = 0;

export class OpenScan {
  /** How it goes along time. */
  readonly course: Omit<Attributes["scan"], "body">;
  states: StatePart[] = [];
  sequences: InputPart[] = [];
  captures: InputPart[] = [];
  inboxes: InboxPart[] = [];
  outputs: OutputPart[] = [];
  sends: SendPart[] = [];
  /** Tells its arguments, and its reads of the past, from those of all other scans. */
  readonly #scope = ++scopes;
  #arguments = 0;
  /** Reads of the past name an output by its place in this list, whatever becomes of `outputs`. */
  readonly #readable: OutputPart[] = [];

  /** A scan without any parts. */
  constructor({ length, reverse, recompute }: Omit<Attributes["scan"], "body">) {
    this.course = { length, reverse, recompute };
  }

  /** A state, which stays as it is until it is given another `next`. */
  addState(source: Node): StatePart {
    const argument = this.#argument(source);
    const state = { argument, source, next: argument };
    this.states.push(state);
    return state;
  }

  /** A sequence (T, ...). Where a node stands in the step for its slice already, that is the argument. */
  addSequence(source: Node, argument?: Node): InputPart {
    const slice = { shape: source.shape.slice(1), dtype: source.dtype };
    const sequence = { argument: argument ?? this.#argument(slice), source };
    this.sequences.push(sequence);
    return sequence;
  }

  /** Something that is the same at every step. Where a node stands for it in the step already, that is the argument. */
  addCapture(source: Node, argument?: Node): InputPart {
    const capture = { argument: argument ?? this.#argument(source), source };
    this.captures.push(capture);
    return capture;
  }

  /** An inbox, in which each step starts with zeros. */
  addInbox(type: TensorType): InboxPart {
    const inbox = { argument: this.#argument(type) };
    this.inboxes.push(inbox);
    return inbox;
  }

  /** An output. One that steps read before its value is known is given any value of its type, and the right one later. */
  addOutput(value: Node): OutputPart {
    const output = { value };
    this.outputs.push(output);
    this.#readable.push(output);
    return output;
  }

  addSend(inbox: InboxPart, index: Node, value: Node): void {
    this.sends.push({ inbox, index, value });
  }

  /** What the step `distance` steps earlier put out; zeros before the start. */
  back(output: OutputPart, distance: number): Node<"past"> {
    return this.#past(output, [], distance);
  }

  /** What step `index[b]` put out for row b; -1 reads zeros. */
  at(output: OutputPart, index: Node): Node<"past"> {
    return this.#past(output, [index], 0);
  }

  /** The output that a node of this scan's steps reads. */
  outputOf({ attributes }: Node<"past">): OutputPart {
    return this.#readable[attributes.output] as OutputPart;
  }

  /** Whether a node is an argument, or a read of the past, that was made by this object. */
  made(candidate: Node): boolean {
    return (
      (isOp(candidate, "argument") || isOp(candidate, "past")) && candidate.attributes.scope === this.#scope
    );
  }

  /** What the scan is given, in the order of its inputs. */
  get inputs(): InputPart[] {
    return [...this.states, ...this.sequences, ...this.captures];
  }

  /** Put other nodes in the place of what the scan is given. */
  give(map: (source: Node) => Node): void {
    for (const part of this.inputs) part.source = map(part.source);
  }

  /** What the scan results in, in the order of its results. */
  get results(): ResultPart[] {
    return [...this.states, ...this.outputs];
  }

  /** Every node that a step must compute. */
  computed(): Node[] {
    return bodyResults(this.#body());
  }

  /** Other nodes for all that a step must compute, in the same order. */
  change(map: (computed: readonly Node[]) => readonly Node[]): void {
    const body = this.#body();
    const { next, outputs, sends } = splitResults(body, map(bodyResults(body)));
    this.states.forEach((state, index) => {
      state.next = next[index] as Node;
    });
    this.outputs.forEach((output, index) => {
      output.value = outputs[index] as Node;
    });
    this.sends.forEach((send, at) => {
      const { index, value } = sends[at] as (typeof sends)[0];
      Object.assign(send, { index, value });
    });
  }

  /** The scan of these parts. Parts that nothing changed give the very scan that was opened. */
  close(): ClosedScan {
    const { inputs, inboxes, results } = this;
    const open = this.#body();
    const closed = bodyArguments(open);
    const known = new Map<Node, Node>(
      [...inputs, ...inboxes].map(({ argument }, index) => [argument, closed[index] as Node]),
    );
    const body = mapBody(open, (computed) =>
      rebuild(computed, (original, rebuilt) => this.#closed(original, rebuilt), known),
    );
    const sources = inputs.map(({ source }) => source);
    const scan = node("scan", sources, { body, ...this.course });
    return { scan, result: (part) => scanOutput(scan, results.indexOf(part)) };
  }

  #argument(type: TensorType): Node<"argument"> {
    const index = this.#arguments;
    this.#arguments += 1;
    return node("argument", [], { index, scope: this.#scope, ...typeOf(type) });
  }

  #past(output: OutputPart, inputs: readonly Node[], distance: number): Node<"past"> {
    const number = this.#readable.indexOf(output);
    return node("past", inputs, {
      output: number,
      distance,
      scope: this.#scope,
      ...typeOf(output.value),
    });
  }

  /** The body, over the arguments that it has while it is open. */
  #body(): BodyParts {
    const typesOf = (parts: readonly { readonly argument: Node }[]) =>
      parts.map(({ argument }) => typeOf(argument));
    return {
      states: typesOf(this.states),
      sequences: typesOf(this.sequences),
      captures: typesOf(this.captures),
      inboxes: typesOf(this.inboxes),
      next: this.states.map(({ next }) => next),
      outputs: this.outputs.map(({ value }) => value),
      sends: this.sends.map(({ inbox, index, value }) => ({
        inbox: this.inboxes.indexOf(inbox),
        index,
        value,
      })),
    };
  }

  /** A node of the finished body: its reads of the past name outputs by their numbers there. */
  #closed(original: Node, inputs: readonly Node[]): Node {
    if (!isOp(original, "past")) return withInputs(original, inputs);
    const output = this.outputs.indexOf(this.outputOf(original));
    return node("past", inputs, { ...original.attributes, output, scope: 0 });
  }
}

/** A scan in its parts. */
export function openScan(scan: Node<"scan">): OpenScan {
  const { body } = scan.attributes;
  const open = new OpenScan(scan.attributes);
  const own = splitArguments(body, bodyArguments(body));
  const given = splitArguments(body, scan.inputs);
  const pair = (list: readonly Node[], sources: readonly Node[]) =>
    list.map((argument, index) => ({ argument, source: sources[index] as Node }));
  open.states = pair(own.states, given.states).map((part, index) => ({
    ...part,
    next: body.next[index] as Node,
  }));
  open.sequences = pair(own.sequences, given.sequences);
  open.captures = pair(own.captures, given.captures);
  open.inboxes = own.inboxes.map((argument) => ({ argument }));
  for (const output of body.outputs) open.addOutput(output);
  for (const { inbox, index, value } of body.sends)
    open.addSend(open.inboxes[inbox] as InboxPart, index, value);
  return open;
}

// A scan is opened, changed part by part, and closed again; what it computes is told by plain loops.
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import * as build from "../../src/graph/build.ts";
import { checkGraph } from "../../src/graph/check.ts";
import { inProgram } from "../../src/graph/interning.ts";
import { isOp, type Node, node } from "../../src/graph/node.ts";
import { type InputPart, OpenScan, openScan, type ResultPart } from "../../src/graph/open-scan.ts";
import { pastReads, topologicalOrder } from "../../src/graph/traverse.ts";

const input = (name: string, ...shape: (number | string)[]) =>
  node("input", [], { name, dtype: "float32", shape });
const [h, x, w] = [input("h", "B", 2), input("x", "T", "B", 2), input("w", "B", 2)];
const children = node("input", [], { name: "children", dtype: "int32", shape: ["T", "B"] });
const course = { length: "T", reverse: false, recompute: false };

const T = 3;
const data: Record<string, Value> = {
  h: { data: Float32Array.of(1, -2), shape: [1, 2] },
  x: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [T, 1, 2] },
  w: { data: Float32Array.of(0.5, 2), shape: [1, 2] },
  children: { data: Int32Array.of(-1, 0, 0), shape: [T, 1] },
};

/** The elements of what the nodes compute, in a legal graph. */
function computed(...results: Node[]): number[][] {
  checkGraph(results);
  const inputs = topologicalOrder(results).filter((leaf) => isOp(leaf, "input"));
  const given = inputs.map(({ attributes: { name } }) => [name, data[name] as Value] as const);
  const program = { inputs, results, updates: [] };
  return reference
    .compile(program)
    .run(Object.fromEntries(given))
    .map((value) => [...value.data]);
}

/** s' = s + w x_t, puts out s and s'. */
function sums() {
  const open = new OpenScan(course);
  const state = open.addState(h);
  const slice = open.addSequence(x);
  const scale = open.addCapture(w);
  state.next = build.add(state.argument, build.multiply(scale.argument, slice.argument));
  const [before, after] = [open.addOutput(state.argument), open.addOutput(state.next)];
  return { open, state, before, after };
}

/** y_t = x_t + y_(t-1) + 2 y_(child of t); the second output reads the first one. */
function tree() {
  const open = new OpenScan(course);
  const slice = open.addSequence(x);
  const child = open.addSequence(children);
  const unread = open.addOutput(build.negate(slice.argument));
  const y = open.addOutput(slice.argument);
  const read = build.multiply(build.full(2, ["B", 2]), open.at(y, child.argument));
  y.value = build.add(build.add(slice.argument, open.back(y, 1)), read);
  return { open, unread, y };
}

/** From the last step to the first each sends x_t to its child, and puts out what it received. */
function mail() {
  const open = new OpenScan({ ...course, reverse: true });
  const slice = open.addSequence(x);
  const to = open.addSequence(children);
  const inbox = open.addInbox(slice.argument);
  const output = open.addOutput(inbox.argument);
  open.addSend(inbox, to.argument, slice.argument);
  return { open, slice, to, inbox, output };
}

describe("a scan that is made of parts", () => {
  test("carries states, slices sequences, and sees captures", () => {
    const { open, state, before, after } = sums();
    const { result } = open.close();
    expect(computed(result(state), result(before), result(after))).toEqual([
      [5.5, 22],
      [1, -2, 1.5, 2, 3, 10],
      [1.5, 2, 3, 10, 5.5, 22],
    ]);
  });
  test("reads outputs whose values were not known yet, by distance and by index", () => {
    const { open, unread, y } = tree();
    const { result } = open.close();
    expect(computed(result(y), result(unread))).toEqual([
      [1, 2, 3 + 1 + 2 * 1, 4 + 2 + 2 * 2, 5 + 6 + 2 * 1, 6 + 10 + 2 * 2],
      [-1, -2, -3, -4, -5, -6],
    ]);
  });
  test("has a state that stays as it is until it is told otherwise", () => {
    const open = new OpenScan({ ...course, length: T });
    const state = open.addState(h);
    expect(computed(open.close().result(state))).toEqual([[1, -2]]);
  });
  test("takes nodes of the step for arguments", () => {
    const open = new OpenScan(course);
    const slice = open.addSequence(x);
    const [scaled, shift] = [build.multiply(slice.argument, w), build.add(w, w)];
    const output = open.addOutput(build.add(scaled, shift));
    open.addCapture(shift, shift);
    open.addSequence(x, scaled);
    const { scan, result } = open.close();
    expect(scan.inputs).toEqual([x, x, shift]);
    expect(computed(result(output))).toEqual([[2, 6, 4, 8, 6, 10]]);
  });
  test("is one node with what is made of the same parts, and shares its body with what steps alike", () => {
    inProgram(() => {
      const [first, second, other] = [sums(), sums(), sums()];
      other.open.give((source) => (source === h ? build.add(h, h) : source));
      const [{ scan }, again, elsewhere] = [first.open.close(), second.open.close(), other.open.close()];
      expect(again.scan).toBe(scan);
      expect(elsewhere.scan).not.toBe(scan);
      expect(elsewhere.scan.attributes.body).toBe(scan.attributes.body);
    });
  });
  test("knows its own arguments and reads from those of others", () => {
    const [{ open, state }, other] = [sums(), sums()];
    expect(open.made(state.argument)).toBe(true);
    expect(open.made(other.state.argument)).toBe(false);
    expect(open.made(state.next)).toBe(false);
    const reading = tree();
    expect(pastReads(reading.open.computed()).every((read) => reading.open.made(read))).toBe(true);
  });
});

describe("opened and closed again", () => {
  const made = { sums, tree, mail };
  for (const name of ["sums", "tree", "mail"] as const) {
    test(`${name}: the same node`, () => {
      inProgram(() => {
        const { scan } = made[name]().open.close();
        expect(openScan(scan).close().scan).toBe(scan);
      });
    });
  }
  test("with one more state and one more output: the others are what they were", () => {
    const open = openScan(sums().open.close().scan);
    const [state, before, after] = open.results as [ResultPart, ResultPart, ResultPart];
    const count = open.addState(w);
    count.next = build.add(count.argument, build.full(1, ["B", 2]));
    const counted = open.addOutput(count.argument);
    const { scan, result } = open.close();
    expect(scan.inputs).toEqual([h, w, x, w]);
    expect(computed(...[count, counted, state, before, after].map(result))).toEqual([
      [3.5, 5],
      [0.5, 2, 1.5, 3, 2.5, 4],
      [5.5, 22],
      [1, -2, 1.5, 2, 3, 10],
      [1.5, 2, 3, 10, 5.5, 22],
    ]);
  });
  test("without an output: reads of the others stay with what they read", () => {
    const open = openScan(tree().open.close().scan);
    const [unread, y] = open.outputs as [ResultPart, ResultPart];
    open.outputs = open.outputs.filter((output) => output !== unread);
    const { scan, result } = open.close();
    expect(scan.attributes.body.outputs.length).toBe(1);
    const reads = pastReads(scan.attributes.body.outputs);
    expect(reads.map(({ attributes: { output } }) => output)).toEqual([0, 0]);
    expect(reads.map((read) => open.outputOf(read) === unread)).toEqual([true, true]);
    expect(computed(result(y))).toEqual([[1, 2, 6, 10, 13, 20]]);
  });
  test("without a state that nothing reads", () => {
    const { open, after } = sums();
    const kept = open.addState(w);
    kept.next = after.value;
    const again = openScan(open.close().scan);
    const [sum, last] = again.states as [ResultPart, ResultPart];
    again.states = again.states.filter((state) => state !== last);
    const { scan, result } = again.close();
    expect(scan.inputs).toEqual([h, x, w]);
    expect(computed(result(sum))).toEqual([[5.5, 22]]);
  });
  test("over other inputs, and with other results", () => {
    const open = openScan(sums().open.close().scan);
    open.give((source) => (source === h ? w : source));
    open.change((results) => results.map((result) => build.negate(result)));
    const [state, before] = open.results as [ResultPart, ResultPart];
    const { result } = open.close();
    // s' = -(s + w x), puts out -s.
    expect(computed(result(state), result(before))).toEqual([
      [-(-(-1 + 1.5) + 2.5), -(-(-6 + 8) + 12)],
      [-0.5, -2, 1, 6, 0.5, 2],
    ]);
  });
  test("with another inbox before its own: sends stay with theirs", () => {
    const open = openScan(mail().open.close().scan);
    const [slice, to] = open.sequences as [InputPart, InputPart];
    const [received] = open.results as [ResultPart];
    const inbox = open.addInbox(slice.argument);
    open.inboxes.reverse();
    open.addSend(inbox, to.argument, build.negate(slice.argument));
    const both = open.addOutput(inbox.argument);
    const { scan, result } = open.close();
    expect(scan.attributes.body.sends.map((send) => send.inbox)).toEqual([1, 0]);
    expect(computed(result(received), result(both))).toEqual([
      [8, 10, 0, 0, 0, 0],
      [-8, -10, 0, 0, 0, 0],
    ]);
  });
});

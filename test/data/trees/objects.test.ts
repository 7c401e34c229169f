// Trees as objects: nested, as lists of nodes; cycles, two parents, and what else is no tree.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type TreeKeys, treeOfObject, writeTreeJson } from "../../../src/data/trees/objects.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { bare, randomTrees, readAll, told } from "../../helpers/trees.ts";

describe("nested", () => {
  it("reads labels, tokens, roles and positions, a line each", async () => {
    const text =
      '{"label":3,"children":[{"token":"It","label":2},{"token":5,"role":"x","position":0,"more":[]}]}\n\n{"token":""}';
    expect(await readAll("x.jsonl", text)).toEqual([
      {
        nodes: [
          { token: "It", label: "2", children: [], line: 1 },
          { token: "5", role: "x", position: 0, children: [], line: 1 },
          { label: "3", children: [0, 1], line: 1 },
        ],
      },
      { nodes: [{ token: "", children: [], line: 3 }] },
    ]);
  });

  it("reads other keys, and takes null for nothing", () => {
    const keys = { label: "type", token: "value", children: "kids" };
    const tree = { type: "Call", value: null, kids: [{ type: true, value: "f", kids: null }], label: "no" };
    expect(told(treeOfObject(tree, keys))).toBe("/Call[f/true]");
  });
});

describe("a list of nodes", () => {
  it.each([
    [
      "parents",
      [{ token: "b", parent: 1 }, { token: "a" }, { token: "c", parent: 1 }, { token: "d", parent: 0 }],
    ],
    [
      "parents, -1 for none",
      [
        { token: "b", parent: 1 },
        { token: "a", parent: -1 },
        { token: "c", parent: 1 },
        { token: "d", parent: 0 },
      ],
    ],
    [
      "children",
      [{ token: "b", children: [3] }, { token: "a", children: [0, 2] }, { token: "c" }, { token: "d" }],
    ],
    [
      "both",
      [
        { token: "b", children: [3], parent: 1 },
        { token: "a", children: [0, 2] },
        { token: "c" },
        { token: "d", parent: 0 },
      ],
    ],
    [
      "names",
      [
        { id: "y", token: "b", parent: 1 },
        { id: 1, token: "a" },
        { token: "c", parent: "1" },
        { token: "d", parent: "y" },
      ],
    ],
  ])("by their %s", (_, nodes) => {
    expect(told(treeOfObject({ nodes }))).toBe("a[b[d], c]");
  });

  it("has the children in the order in which their parent names them", () => {
    expect(
      told(treeOfObject({ nodes: [{ token: "a", children: [2, 1] }, { token: "b" }, { token: "c" }] })),
    ).toBe("a[c, b]");
  });
});

const shared = { token: "a" };
const cycle: Record<string, unknown> = { token: "a" };
cycle.children = [{ token: "b" }, { children: [cycle] }];
const a = { token: "a" };

test.each<[given: unknown, message: string]>([
  [
    { children: [shared, { children: [shared] }] },
    ": children[1].children[0]: a node has two parents, one parent expected",
  ],
  [cycle, ": children[1].children[0]: a node is its own child, in a cycle, one parent expected"],
  [{}, ": an empty node, a label, a token or children expected"],
  [{ children: [] }, ": an empty node, a label, a token or children expected"],
  [{ label: "x", children: [a, {}] }, ": children[1]: an empty node, a label, a token or children expected"],
  [{ children: [a, "b"] }, ': children[1]: "b" given, a node expected'],
  [{ children: "b" }, '.children is "b", a list of nodes expected'],
  [{ children: [{ token: "x", children: 3 }] }, ": children[0].children is 3, a list of nodes expected"],
  [{ label: {} }, ".label is an object, a text or a number expected"],
  [{ label: Number.NaN }, ".label is NaN, a text or a number expected"],
  [{ token: "a", position: -1 }, ".position is -1, a whole number from 0 expected"],
  [[], ": an array of 0 given, a node expected"],
  [null, ": null given, a node expected"],
  [{ nodes: 3 }, ": nodes is 3, a list expected"],
  [{ nodes: [] }, ": an empty tree, one node or more expected"],
  [{ nodes: [3] }, ": nodes[0]: 3 given, a node expected"],
  [{ nodes: [a, {}] }, ": nodes[0] and nodes[1] have no parent, one root expected"],
  [{ nodes: [{ children: [1] }, {}] }, ": nodes[1]: an empty node, a label, a token or children expected"],
  [{ nodes: [a, { token: "b", id: "0" }] }, ': nodes[1]: the id "0" is there twice, once expected'],
  [{ nodes: [{ token: "a", children: [1] }] }, ": nodes[0].children: there is no node 1"],
  [{ nodes: [{ token: "a", parent: "z" }] }, ': nodes[0].parent: there is no node "z"'],
  [{ nodes: [{ token: "a", parent: 0 }] }, ": every node has a parent, in a cycle: a root expected"],
  [
    {
      nodes: [
        { token: "a", parent: 1 },
        { token: "b", parent: 0 },
      ],
    },
    ": every node has a parent, in a cycle: a root expected",
  ],
  [
    { nodes: [a, { token: "b", parent: 2 }, { token: "b", parent: 1 }] },
    ": nodes[1] hangs on a cycle, not on the root nodes[0]",
  ],
  [
    { nodes: [{ children: [1, 2] }, { children: [2] }, a] },
    ": nodes[2] is a child twice, of nodes[0] and nodes[1]: once expected",
  ],
  [
    { nodes: [{ children: [1, 1] }, a] },
    ": nodes[1] is a child twice, of nodes[0] and nodes[0]: once expected",
  ],
  [
    { nodes: [{ children: [1, 2] }, a, { token: "c", parent: 1 }] },
    ": nodes[2] is a child twice, of nodes[0] and nodes[1]: once expected",
  ],
  [{ nodes: [{ token: "a", id: {} }] }, ": nodes[0].id is an object, a text or a number expected"],
])("%j is refused", (given, message) => {
  expect(() => treeOfObject(given)).toThrow(new DataError(`treeOfObject${message}`));
});

it("names the last steps of a long path, and the line", async () => {
  const deep = `${'{"children":['.repeat(9)}{}${"]}".repeat(9)}`;
  const steps = Array.from({ length: 6 }, () => "children[0]").join(".");
  await expect(readAll("x.jsonl", `{"token":"a"}\n${deep}`)).rejects.toThrow(
    new DataError(
      `x.jsonl: line 2: 9 deep, ...${steps}: an empty node, a label, a token or children expected`,
    ),
  );
});

it("refuses keys that are none", () => {
  expect(() => treeOfObject(a, { label: "" })).toThrow(
    new UsageError('treeOfObject: keys.label "" given, a text expected'),
  );
  expect(() => treeOfObject(a, { labels: "x" } as TreeKeys)).toThrow(
    new UsageError("treeOfObject: keys: option labels is unknown: did you mean label?"),
  );
});

const text = fc.string({ unit: "grapheme" });
const anything = fc.record(
  { token: text, label: text, role: text, position: fc.nat() },
  { requiredKeys: ["token"] },
);

it("gives back every tree that is written, nested or as a list in any order", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomTrees(() => anything),
      fc.infiniteStream(fc.nat()),
      async (tree, numbers) => {
        const written = writeTreeJson(tree);
        expect(bare(treeOfObject(JSON.parse(written)))).toEqual(tree);
        expect((await readAll("x.jsonl", written)).map(bare)).toEqual([tree]);
        const shuffled = tree.nodes.map((node, id) => ({ ...node, id, by: numbers.next().value as number }));
        shuffled.sort((one, other) => one.by - other.by);
        expect(treeOfObject({ nodes: shuffled })).toEqual(tree);
      },
    ),
  );
});

it("reads any JSON as a tree or refuses it", () => {
  const leaf = fc.constantFrom(null, "a", 0, 1, -1, [], {}, { token: "a" });
  const record = (part: fc.Arbitrary<unknown>) =>
    fc.record(
      {
        label: part,
        token: leaf,
        children: fc.array(part, { maxLength: 3 }),
        nodes: fc.array(part),
        id: leaf,
        parent: leaf,
      },
      { requiredKeys: [] },
    );
  const node = record(fc.oneof(leaf, record(fc.oneof(leaf, record(leaf)))));
  fc.assert(
    fc.property(node, (given) => {
      try {
        expect(treeOfObject(given).nodes.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as Error).message).toMatch(/^treeOfObject.+$/);
      }
    }),
    { numRuns: 500 },
  );
});

it("does not write an empty node, nor what is no tree", () => {
  expect(() => writeTreeJson({ nodes: [{ children: [] }] })).toThrow(
    new DataError("writeTreeJson: node 0 is empty, a label, a token or children expected"),
  );
  expect(() => writeTreeJson({ nodes: [] })).toThrow(
    new DataError("writeTreeJson: an empty tree, one node or more expected"),
  );
});

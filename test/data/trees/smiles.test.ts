// Molecules as trees: branches, bonds, rings that are cut, brackets, and what is no SMILES.
import fc from "fast-check";
import { expect, it, test } from "vitest";
import { treeTokens } from "../../../src/data/trees/tree.ts";
import { DataError } from "../../../src/errors.ts";
import { nonsense, readAll, told } from "../../helpers/trees.ts";

const read = (text: string) => readAll("x.smi", text);

test.each([
  ["C", "C"],
  ["CCO", "C[- C[- O]]"],
  ["CC(=O)O", "C[- C[= O, - O]]"],
  ["C(Cl)(Br)#N", "C[- Cl, - Br, # N]"],
  ["C(C(F)I)C", "C[- C[- F, - I], - C]"],
  ["F/C=C\\F", "F[/ C[= C[\\ F]]]"],
  ["C1CC1", "C[- C[- C[ring- C]]]"],
  ["C=1CC1", "C[- C[- C[ring= C]]]"],
  ["C1CC=1", "C[- C[- C[ring= C]]]"],
  ["C%12NO%12", "C[- N[- O[ring- C]]]"],
  ["C1CC%01", "C[- C[- C[ring- C]]]"],
  ["O1CN1S1PB1", "O[- C[- N[ring- O, - S[- P[- B[ring- S]]]]]]"],
  ["c1cnc1C", "c[: c[: n[: c[ring: c, - C]]]]"],
  ["c1co1-c", "c[: c[: o[ring: c, - c]]]"],
  ["N1(C)CO1", "N[- C, - C[- O[ring- N]]]"],
  ["C1.O1", "C[. O[ring- C]]"],
  ["[Na+].[Cl-]", "[Na+][. [Cl-]]"],
  ["[13CH3][C@@H](N)[O-]", "[13CH3][- [C@@H][- N, - [O-]]]"],
  ["[nH]:[se]", "[nH][: [se]]"],
  ["[U++]", "[U++]"],
  ["[2H][H]", "[2H][- [H]]"],
  ["[Fe@OH25+3:12]*", "[Fe@OH25+3:12][- *]"],
])("%s", async (text, expected) => {
  expect((await read(text)).map((tree) => told(tree))).toEqual([expected]);
});

it("has the label after white space, places and positions in the order of the text", async () => {
  expect(await read("\n C(=O)1CN1\tactive  one \n")).toEqual([
    {
      nodes: [
        { token: "O", role: "=", position: 1, children: [], line: 2, column: 5 },
        { token: "C", role: "ring-", position: 4, children: [], line: 2, column: 10 },
        { token: "N", role: "-", position: 3, children: [1], line: 2, column: 9 },
        { token: "C", role: "-", position: 2, children: [2], line: 2, column: 8 },
        { token: "C", position: 0, children: [0, 3], line: 2, column: 2, label: "active  one" },
      ],
    },
  ]);
});

it("reads molecules as they are in the literature", async () => {
  const caffeine = "Cn1cnc2c1c(=O)n(C)c(=O)n2C";
  const [tree] = await read(caffeine);
  const atoms = tree?.nodes.filter(({ role }) => !role?.startsWith("ring")) ?? [];
  expect(atoms.length).toBe(14);
  expect(tree?.nodes.length).toBe(16);
  expect(tree && treeTokens(tree).slice(0, 4)).toEqual(["C", "n", "c", "n"]);
  const morphine = "CN1CC[C@]23c4c5ccc(O)c4O[C@H]2[C@@H](O)C=C[C@H]3[C@H]1C5";
  expect((await read(morphine))[0]?.nodes.filter(({ role }) => role?.startsWith("ring")).length).toBe(5);
});

test.each([
  ["(C)", "column 1: a branch begins, an atom expected before it"],
  ["C((C))", "column 3: a branch begins, an atom expected before it"],
  ["C=(C)", "column 3: a branch begins, an atom expected before it"],
  ["C()", "column 3: the branch ends, an atom expected"],
  ["C(O=)", "column 5: the branch ends, an atom expected"],
  ["C)", 'column 2: ")" closes no branch'],
  ["CC(C(C)", "column 3: a branch is opened and never closed"],
  ["=C", 'column 1: an atom expected before the bond "="'],
  ["C=#C", 'column 3: an atom expected between the bonds "=" and "#"'],
  ["C.", 'column 3: an atom expected after the bond "."'],
  ["C1CC", "column 2: the ring 1 is opened and never closed"],
  ["1C", "column 1: an atom expected before the ring 1"],
  ["C(1CC1)", "column 3: an atom expected before the ring 1"],
  ["C.1C1", "column 3: an atom expected before the ring 1"],
  ["C11", "column 3: the ring 1 bonds an atom with itself"],
  ["C1C1", "column 4: the ring 1 bonds two atoms that have a bond, one bond expected"],
  ["C12CC12", "column 7: the ring 2 bonds two atoms that have a bond, one bond expected"],
  ["C=1CC#1", 'column 7: the ring 1 has the bonds "=" and "#", one of both expected'],
  ["C%1C", 'column 2: "%" is no atom, bond, branch or ring of SMILES'],
  ["CXC", 'column 2: "X" is no atom, bond, branch or ring of SMILES'],
  ["C[Xx]C", 'column 2: "[Xx]" is no atom, bond, branch or ring of SMILES'],
  ["C[CH3", 'column 2: "[CH3" is no atom, bond, branch or ring of SMILES'],
  ["C[]", 'column 2: "[]" is no atom, bond, branch or ring of SMILES'],
  ["C👍", 'column 2: "👍" is no atom, bond, branch or ring of SMILES'],
  ["CC>O", 'column 3: ">" is no atom, bond, branch or ring of SMILES'],
])("%s is refused", async (text, message) => {
  await expect(read(`C\n${text}`)).rejects.toThrow(new DataError(`x.smi: line 2, ${message}`));
});

it("takes either direction of a bond at both ends of a ring", async () => {
  expect((await read("C/1CC\\1")).map((tree) => told(tree))).toEqual(["C[- C[- C[ring\\ C]]]"]);
});

it("refuses rings where it is told to", async () => {
  const options = { rings: "refuse" } as const;
  expect(await readAll("x.smi", "CCO", options)).toHaveLength(1);
  await expect(readAll("x.smi", "CC1CC1", options)).rejects.toThrow(
    new DataError("x.smi: line 1, column 3: the molecule has a ring, none expected with rings: refuse"),
  );
});

it("reads nonsense as trees of all its atoms, or refuses it with its place", async () => {
  const pieces = ["C", "c", "N", "(", ")", "=", "1", "2", "[O-]", "[", "]", ".", "C1CC1", "\n", " "];
  await fc.assert(
    fc.asyncProperty(nonsense(...pieces), async (text) => {
      const trees = await read(text).catch((error: unknown) => error);
      if (Array.isArray(trees)) {
        for (const tree of trees) expect(treeTokens(tree)).toHaveLength(tree.nodes.length);
      } else {
        expect(trees).toBeInstanceOf(DataError);
        expect((trees as Error).message).toMatch(/^x\.smi: line \d+, column \d+: .+$/);
      }
    }),
    { numRuns: 1000 },
  );
});

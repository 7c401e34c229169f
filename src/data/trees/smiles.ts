/** Molecules given as SMILES (OpenSMILES 1.0) as trees of atoms. A line has one, and after white space its label. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { type Line, type Source, sourceLines } from "../source.ts";
import { type Atom, atomAt } from "./atoms.ts";
import { checkTreeRoom, inPostOrder, printTreePlace, type Tree } from "./tree.ts";

export const RING_RULES = ["cut", "refuse"] as const;
/**
 * What becomes of the bond that closes a ring:
 *
 * - `cut`: the atom at which the ring closes gets a leaf instead, with the token of the atom at which it was opened, and the role
 *   "ring" and the bond, such as "ring-".
 * - `refuse`: a molecule with a ring is refused.
 */
export type RingRule = (typeof RING_RULES)[number];

const BOND = /[-=#$:/\\.]/y;
const RING = /\d|%\d\d/y;

/** An atom, or a leaf that stands for one. */
interface Node {
  readonly token: string;
  readonly role?: string;
  readonly position: number;
  readonly children: number[];
  readonly line: number;
  readonly column: number;
  readonly aromatic: boolean;
  /** -1 for the first. */
  readonly parent: number;
}

interface Ring {
  readonly atom: number;
  readonly bond: string | undefined;
  readonly column: number;
}

/**
 * The trees of a source, a line each. A node is an atom as it is written, such as "C" or "[NH4+]"; the root is the first one. Its role is
 * the bond to its parent: "-" and ":", also where they are not written (":" between two aromatic atoms), "=", "#", "$", "/", "\", and "."
 * where there is none. Valences are not looked at. Lines with nothing but white space are passed over.
 *
 * @throws DataError with name, line and column for what is no SMILES
 */
export async function* smilesTrees(source: Source, rings: RingRule): AsyncGenerator<Tree, void, undefined> {
  for await (const line of sourceLines(source)) {
    if (line.text.trim() !== "") yield treeOfSmiles(line, source.name, rings);
  }
}

function treeOfSmiles({ number, text }: Line, name: string, rings: RingRule): Tree {
  const start = /^[ \t]*/.exec(text)?.[0].length as number;
  const [smiles = ""] = text.slice(start).split(/[ \t]/, 1);
  const label = text.slice(start + smiles.length).trim();
  const molecule = new Molecule(name, number, start, rings);
  molecule.read(smiles);
  const nodes = molecule.nodes.map(({ aromatic, parent, ...node }) => node);
  return inPostOrder(
    label === "" ? nodes : nodes.map((node, at) => (at === 0 ? { ...node, label } : node)),
    0,
  ).tree;
}

class Molecule {
  readonly nodes: Node[] = [];
  readonly #name: string;
  readonly #line: number;
  /** Where it starts in its line, from 0. */
  readonly #start: number;
  readonly #rule: RingRule;
  readonly #branches: { readonly atom: number; readonly column: number }[] = [];
  readonly #rings = new Map<number, Ring>();
  /** Pairs of atoms that a ring bonds. */
  readonly #closed = new Set<string>();
  /** The atom that the next one is bonded to; -1 before the first. */
  #last = -1;
  /** The bond that was written, and waits for its atom. */
  #bond: string | undefined;
  /** Whether a branch was opened and has no atom yet. */
  #opened = false;

  constructor(name: string, line: number, start: number, rule: RingRule) {
    this.#name = name;
    this.#line = line;
    this.#start = start;
    this.#rule = rule;
  }

  read(text: string): void {
    for (let at = 0; at < text.length; ) at += this.#take(text, at);
    const end = text.length;
    const branch = this.#branches.at(-1);
    const [ring] = this.#rings;
    if (branch) throw this.#error(branch.column, "a branch is opened and never closed");
    if (this.#bond !== undefined)
      throw this.#error(end, `an atom expected after the bond ${printGiven(this.#bond)}`);
    if (ring) throw this.#error(ring[1].column, `the ring ${ring[0]} is opened and never closed`);
  }

  /** Takes what stands at a place; how long it is. */
  #take(text: string, at: number): number {
    const atom = atomAt(text, at);
    if (atom) return this.#atom(atom, at);
    const character = text[at] as string;
    const ring = matchAt(RING, text, at);
    const bond = matchAt(BOND, text, at);
    if (ring) this.#ring(Number(ring.replace("%", "")), at);
    else if (bond) this.#setBond(bond, at);
    else if (character === "(") this.#begin(at);
    else if (character === ")") this.#end(at);
    else {
      const found = character === "[" ? text.slice(at, text.indexOf("]", at) + 1 || text.length) : undefined;
      const given = found ?? String.fromCodePoint(text.codePointAt(at) as number);
      throw this.#error(at, `${printGiven(given)} is no atom, bond, branch or ring of SMILES`);
    }
    return ring?.length ?? 1;
  }

  #atom(atom: Atom, at: number): number {
    const role = this.#last < 0 ? undefined : (this.#bond ?? this.#unwritten(atom, this.#last));
    this.#last = this.#add(atom.text, role, at, atom.aromatic);
    this.#bond = undefined;
    this.#opened = false;
    return atom.text.length;
  }

  #unwritten({ aromatic }: Pick<Atom, "aromatic">, other: number): string {
    return aromatic && this.nodes[other]?.aromatic ? ":" : "-";
  }

  #setBond(bond: string, at: number): void {
    if (this.#last < 0) throw this.#error(at, `an atom expected before the bond ${printGiven(bond)}`);
    if (this.#bond !== undefined) {
      throw this.#error(
        at,
        `an atom expected between the bonds ${printGiven(this.#bond)} and ${printGiven(bond)}`,
      );
    }
    this.#bond = bond;
  }

  #begin(at: number): void {
    if (this.#last < 0 || this.#bond !== undefined || this.#opened) {
      throw this.#error(at, "a branch begins, an atom expected before it");
    }
    this.#branches.push({ atom: this.#last, column: at });
    this.#opened = true;
  }

  #end(at: number): void {
    const branch = this.#branches.pop();
    if (branch === undefined) throw this.#error(at, '")" closes no branch');
    if (this.#opened || this.#bond !== undefined) throw this.#error(at, "the branch ends, an atom expected");
    this.#last = branch.atom;
  }

  #ring(number: number, at: number): void {
    if (this.#last < 0 || this.#opened || this.#bond === ".") {
      throw this.#error(at, `an atom expected before the ring ${number}`);
    }
    if (this.#rule === "refuse")
      throw this.#error(at, "the molecule has a ring, none expected with rings: refuse");
    const opened = this.#rings.get(number);
    if (opened) this.#close(number, opened, at);
    else this.#rings.set(number, { atom: this.#last, bond: this.#bond, column: at });
    this.#bond = undefined;
  }

  #close(number: number, { atom, bond: before }: Ring, at: number): void {
    this.#rings.delete(number);
    const last = this.#last;
    const pair = `${Math.min(atom, last)} ${Math.max(atom, last)}`;
    if (atom === last) throw this.#error(at, `the ring ${number} bonds an atom with itself`);
    if (this.#isChild(last, atom) || this.#isChild(atom, last) || this.#closed.has(pair)) {
      throw this.#error(at, `the ring ${number} bonds two atoms that have a bond, one bond expected`);
    }
    this.#closed.add(pair);
    const [open, close] = [before, this.#bond];
    const isDirection = (bond: string) => bond === "/" || bond === "\\";
    if (open && close && open !== close && !(isDirection(open) && isDirection(close))) {
      throw this.#error(
        at,
        `the ring ${number} has the bonds ${printGiven(open)} and ${printGiven(close)}, one of both expected`,
      );
    }
    const { token, aromatic } = this.nodes[atom] as Node;
    const bond = close ?? open ?? this.#unwritten({ aromatic }, last);
    this.#add(token, `ring${bond}`, at, aromatic);
  }

  #isChild(child: number, parent: number): boolean {
    const node = this.nodes[child] as Node;
    return node.parent === parent && node.role !== ".";
  }

  #add(token: string, role: string | undefined, at: number, aromatic: boolean): number {
    const place = { line: this.#line, column: this.#start + at + 1 };
    const position = this.nodes.length;
    checkTreeRoom(position, this.#name, place);
    this.nodes[this.#last]?.children.push(position);
    const parent = this.#last;
    this.nodes.push({ token, ...(role && { role }), position, children: [], ...place, aromatic, parent });
    return position;
  }

  #error(at: number, what: string): DataError {
    const place = { line: this.#line, column: this.#start + at + 1 };
    return new DataError(`${printTreePlace(this.#name, place)}: ${what}`);
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

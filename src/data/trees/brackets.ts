/**
 * Trees in brackets: of the Penn Treebank, `(S (NP (DT the) (NN cat)) (VP (VBZ sits)))`, of the Stanford Sentiment Treebank, whose
 * labels are 0 to 4, and without labels, `((the cat) sits)`.
 */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { type Line, type Source, sourceLines } from "../source.ts";
import { joinTexts } from "../text.ts";
import { checkTreeRoom, parentsOf, printTreePlace, type Tree, type TreeNode, walkTree } from "./tree.ts";

/** What parts words, and nothing else does: a word of the Sentiment Treebank may have U+00A0 inside. */
const BLANKS = " \t\r\n";
const BOUNDS = `()${BLANKS}`;
const WORD = /^[^() \t\r\n]+$/;

interface Place {
  readonly line: number;
  readonly column: number;
}

/** A bracket that is not closed yet. */
interface Open extends Place {
  label: string | undefined;
  token: string | undefined;
  /** Of a bracket without a label: the words that stand in it. */
  words: number;
  readonly children: number[];
}

/**
 * The trees of a source, one after the other; one may go over several lines, and a line may have several.
 *
 * @param labels whether the first word of a bracket is its label
 */
export async function* bracketedTrees(
  source: Source,
  labels: boolean,
): AsyncGenerator<Tree, void, undefined> {
  const brackets = new Brackets(source.name, labels);
  for await (const line of sourceLines(source)) yield* brackets.read(line);
  brackets.end();
}

class Brackets {
  readonly #name: string;
  readonly #labels: boolean;
  #nodes: TreeNode[] = [];
  readonly #open: Open[] = [];

  constructor(name: string, labels: boolean) {
    this.#name = name;
    this.#labels = labels;
  }

  *read({ number, text }: Line): Generator<Tree, void, undefined> {
    for (let at = 0, end = 0; at < text.length; at = end) {
      const first = text[at] as string;
      end = at + 1;
      if (BLANKS.includes(first)) continue;
      const place = { line: number, column: at + 1 };
      if (first === "(") this.#begin(place);
      else if (first !== ")") {
        while (end < text.length && !BOUNDS.includes(text[end] as string)) end += 1;
        this.#word(text.slice(at, end), place);
      } else if (this.#close(place)) {
        yield { nodes: this.#nodes };
        this.#nodes = [];
      }
    }
  }

  end(): void {
    const [first] = this.#open;
    if (first)
      throw new DataError(`${printTreePlace(this.#name, first)}: a bracket is opened and never closed`);
  }

  #begin(place: Place): void {
    const { line, column } = place;
    const token = this.#open.at(-1)?.token;
    if (token !== undefined)
      throw this.#error(place, `a bracket after the word ${printGiven(token)}, ")" expected`);
    this.#open.push({ line, column, label: undefined, token: undefined, words: 0, children: [] });
  }

  #word(word: string, place: Place): void {
    const open = this.#open.at(-1);
    if (open === undefined)
      throw this.#error(place, `${printGiven(word)} stands outside of brackets, "(" expected`);
    if (!this.#labels) {
      open.words += 1;
      open.children.push(this.#add({ token: word, children: [], ...place }));
    } else if (open.label === undefined && open.children.length === 0) open.label = word;
    else if (open.token === undefined && open.children.length === 0) open.token = word;
    else {
      throw this.#error(
        place,
        `${printGiven(word)} stands beside other parts of its node: (label word) or (label (...) ...) expected`,
      );
    }
  }

  /** Closes a bracket; whether a tree ends with it. */
  #close(place: Place): boolean {
    const open = this.#open.pop();
    if (open === undefined) throw this.#error(place, `")" closes no bracket`);
    const node = this.#labels ? this.#labelled(open) : this.#bare(open);
    this.#open.at(-1)?.children.push(node);
    return this.#open.length === 0;
  }

  #labelled({ label, token, children, line, column }: Open): number {
    const place = { line, column };
    if (label === undefined) {
      // The Penn Treebank puts each tree in a pair of brackets that says nothing.
      const [only] = children;
      if (only !== undefined && children.length === 1 && this.#open.length === 0) return only;
      const what = children.length === 0 ? "an empty bracket" : "a node without a label";
      throw this.#error(place, `${what}: (label word) or (label (...) ...) expected`);
    }
    if (token === undefined && children.length === 0) {
      throw this.#error(
        place,
        `the node ${printGiven(label)} has neither a word nor nodes, one of both expected`,
      );
    }
    return this.#add({ token, label, children, line, column });
  }

  #bare({ words, children, line, column }: Open): number {
    const [only] = children;
    if (only === undefined)
      throw this.#error({ line, column }, "an empty bracket: words or brackets expected");
    if (words === 1 && children.length === 1) return only;
    return this.#add({ children, line, column });
  }

  #add(node: TreeNode): number {
    checkTreeRoom(this.#nodes.length, this.#name, node);
    return this.#nodes.push(node) - 1;
  }

  #error(place: Place, what: string): DataError {
    const first = this.#open[0];
    const start =
      first && first.line !== place.line ? ` (in the tree that starts in line ${first.line})` : "";
    return new DataError(`${printTreePlace(this.#name, place)}: ${what}${start}`);
  }
}

/**
 * A tree in brackets, on one line, as `readTrees` reads it: `(label word)` and `(label (...) ...)`; of one in which no node has a label
 * words and brackets alone, which is read with `labels: false`. Roles and positions are not written.
 *
 * @throws DataError for what is no tree, and for one that brackets cannot hold: where some nodes have labels and others do not, leaves
 *   without a word, nodes with both a word and children, and words and labels with brackets, blanks, tabs or line ends inside, or empty
 */
export function writeBracketed(tree: Tree): string {
  parentsOf(tree, "writeBracketed");
  const labelled = tree.nodes.some(({ label }) => label !== undefined);
  tree.nodes.forEach((node, at) => {
    checkHeld(node, labelled, `writeBracketed: node ${at}`);
  });
  const parts: string[] = [];
  const isWord = ({ children }: TreeNode, parent: number) =>
    !labelled && children.length === 0 && (tree.nodes[parent]?.children.length ?? 0) > 1;
  const words = new Set<number>();
  walkTree(
    tree,
    (node, at, parent) => {
      if (parts.length > 0 && (labelled || parts.at(-1) !== "(")) parts.push(" ");
      if (isWord(node, parent)) words.add(at);
      else parts.push("(");
      if (node.label !== undefined) parts.push(node.label);
      if (node.token !== undefined) parts.push(labelled ? ` ${node.token}` : node.token);
    },
    (_, at) => {
      if (!words.has(at)) parts.push(")");
    },
  );
  return joinTexts(parts, ["writeBracketed"]);
}

function checkHeld({ label, token, children }: TreeNode, labelled: boolean, where: string): void {
  if (labelled && label === undefined)
    throw new DataError(`${where} has no label, and others have: labels expected for all or none`);
  if ((token === undefined) === (children.length === 0)) {
    const what = token === undefined ? "neither a word nor children" : "both a word and children";
    throw new DataError(`${where} has ${what}, which brackets cannot hold: writeTreeJson can`);
  }
  for (const text of [label, token]) {
    if (text === undefined || WORD.test(text)) continue;
    throw new DataError(
      `${where}: ${printGiven(text)} given, a text without brackets, blanks, tabs and line ends expected`,
    );
  }
}

/** Expressions of arithmetic and logic as trees: `3 * (x + 1)`, `not a or b -> c`. A line has one, and after a tab its label. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { type Line, type Source, sourceLines } from "../source.ts";
import { checkTreeRoom, printTreePlace, type Tree, type TreeNode } from "./tree.ts";

interface Operator {
  /** One of a higher rank is applied first. */
  readonly rank: number;
  /** Of several of one rank the left one is applied first, or the right one; or there is only one. */
  readonly from: "left" | "right" | "one";
}

const RANKS: readonly (readonly [from: Operator["from"], ...symbols: string[]])[] = [
  ["right", "<->"],
  ["right", "->"],
  ["left", "or", "|", "||", "xor"],
  ["left", "and", "&", "&&"],
  ["right", "not"],
  ["one", "=", "==", "!=", "<", "<=", ">", ">="],
  ["left", "+", "-"],
  ["left", "*", "/", "%"],
  ["right", "!", "~"],
  ["right", "^", "**"],
];
const PREFIXES = new Set(["not", "!", "~", "+", "-"]);
const WORDS = /^(?:or|xor|and|not)$/;
const INFIXES: ReadonlyMap<string, Operator> = new Map(
  RANKS.flatMap(([from, ...symbols], rank) =>
    symbols.filter((symbol) => !/^(?:not|[!~])$/.test(symbol)).map((symbol) => [symbol, { rank, from }]),
  ),
);
const SIGN: Operator = { rank: RANKS.findIndex(([, first]) => first === "!"), from: "right" };
const NOT: Operator = { rank: RANKS.findIndex(([, first]) => first === "not"), from: "right" };

const PIECE =
  /[ \t]+|(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(<->|->|\|\||&&|==|!=|<=|>=|\*\*|[-+*/%^<>=!~&|()])/uy;

interface Piece {
  readonly text: string;
  readonly kind: "number" | "name" | "symbol";
  readonly line: number;
  readonly column: number;
}

/** An operator that waits for its right operand, or an open parenthesis. */
interface Waiting {
  readonly piece: Piece;
  readonly operator: Operator | undefined;
  readonly operands: 1 | 2;
  readonly position: number;
}

/**
 * The trees of a source, a line each. Operators are, from those applied last: `<->`, `->`, `or` `|` `||` `xor`, `and` `&` `&&`, `not`,
 * comparisons, `+` `-`, `*` `/` `%`, signs and `!` `~`, `^` `**`. `<->`, `->` and powers are applied from the right, others from the left;
 * comparisons do not follow one another. A node's role is "number", "name", "infix" or "prefix", its token as it is written;
 * parentheses are none. Lines with nothing but white space are passed over.
 *
 * @throws DataError with name, line and column for what is no expression
 */
export async function* expressionTrees(source: Source): AsyncGenerator<Tree, void, undefined> {
  for await (const line of sourceLines(source)) {
    if (line.text.trim() !== "") yield treeOfExpression(line, source.name);
  }
}

function treeOfExpression({ number, text }: Line, name: string): Tree {
  const [expression = "", ...rest] = text.split("\t");
  const label = rest.join("\t").trim();
  const builder = new Builder(name);
  for (const piece of piecesOf(expression, number, name)) builder.take(piece);
  const nodes = builder.end({ line: number, column: expression.length + 1 });
  const root = nodes.at(-1);
  if (label !== "" && root) nodes[nodes.length - 1] = { ...root, label };
  return { nodes };
}

function* piecesOf(text: string, line: number, name: string): Generator<Piece, void, undefined> {
  PIECE.lastIndex = 0;
  for (let at = 0; at < text.length; ) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(text);
    const place = { line, column: at + 1 };
    if (match === null) {
      const character = String.fromCodePoint(text.codePointAt(at) as number);
      throw new DataError(
        `${printTreePlace(name, place)}: ${printGiven(character)} is no part of an expression`,
      );
    }
    const [piece, digits, word, symbol] = match;
    at += piece.length;
    if (digits !== undefined) yield { text: piece, kind: "number", ...place };
    else if (word !== undefined) yield { text: piece, kind: WORDS.test(piece) ? "symbol" : "name", ...place };
    else if (symbol !== undefined) yield { text: piece, kind: "symbol", ...place };
  }
}

/** Puts operands and operators in post-order as they come (the shunting-yard algorithm of Dijkstra, 1961). */
class Builder {
  readonly #name: string;
  readonly #nodes: TreeNode[] = [];
  readonly #operands: number[] = [];
  readonly #waiting: Waiting[] = [];
  /** Whether the next piece starts an operand. */
  #wanting = true;
  #position = 0;

  constructor(name: string) {
    this.#name = name;
  }

  take(piece: Piece): void {
    if (this.#wanting) this.#start(piece);
    else this.#goOn(piece);
  }

  end(place: { readonly line: number; readonly column: number }): TreeNode[] {
    if (this.#wanting) throw this.#error(place, "the expression ends, a number, a name or ( expected");
    while (this.#waiting.length > 0) this.#apply();
    return this.#nodes;
  }

  #start(piece: Piece): void {
    if (piece.text === "(") this.#wait(piece, undefined, 1);
    else if (PREFIXES.has(piece.text)) this.#wait(piece, piece.text === "not" ? NOT : SIGN, 1);
    else if (piece.kind === "symbol") {
      throw this.#error(piece, `${printGiven(piece.text)} given, a number, a name or ( expected`);
    } else {
      this.#operands.push(this.#add(piece, piece.kind, this.#position++, []));
      this.#wanting = false;
    }
  }

  #goOn(piece: Piece): void {
    const operator = piece.kind === "symbol" ? INFIXES.get(piece.text) : undefined;
    if (piece.text === ")") {
      while (this.#waiting.at(-1)?.operator) this.#apply();
      if (this.#waiting.pop() === undefined) throw this.#error(piece, '")" closes no parenthesis');
    } else if (operator === undefined) {
      throw this.#error(piece, `${printGiven(piece.text)} given, an operator expected`);
    } else {
      for (let top = this.#waiting.at(-1)?.operator; top; top = this.#waiting.at(-1)?.operator) {
        if (top.rank < operator.rank || (top.rank === operator.rank && operator.from === "right")) break;
        if (top.rank === operator.rank && operator.from === "one") {
          throw this.#error(piece, `a second comparison ${printGiven(piece.text)}, parentheses expected`);
        }
        this.#apply();
      }
      this.#wait(piece, operator, 2);
      this.#wanting = true;
    }
  }

  #wait(piece: Piece, operator: Operator | undefined, operands: 1 | 2): void {
    this.#waiting.push({ piece, operator, operands, position: operator ? this.#position++ : -1 });
  }

  /** Applies the operator that waits on top to the last operands. */
  #apply(): void {
    const { piece, operator, operands, position } = this.#waiting.pop() as Waiting;
    if (operator === undefined) throw this.#error(piece, "a parenthesis is opened and never closed");
    const children = this.#operands.splice(-operands);
    this.#operands.push(this.#add(piece, operands === 1 ? "prefix" : "infix", position, children));
  }

  #add({ text, line, column }: Piece, role: string, position: number, children: number[]): number {
    checkTreeRoom(this.#nodes.length, this.#name, { line, column });
    return this.#nodes.push({ token: text, role, position, children, line, column }) - 1;
  }

  #error(place: { readonly line: number; readonly column: number }, what: string): DataError {
    return new DataError(`${printTreePlace(this.#name, place)}: ${what}`);
  }
}

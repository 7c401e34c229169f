/**
 * Trees as objects: nested, { label, token, children: [...] }, or as a list of nodes that name each other,
 * { nodes: [{ id, label, token, parent }] }.
 */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { joinTexts } from "../text.ts";
import { checkTreeRoom, inPostOrder, parentsOf, type Tree, type TreeNode, walkTree } from "./tree.ts";

/** What the parts of a node are called in objects; a name that is not given is that of the part. */
export interface TreeKeys {
  readonly label?: string | undefined;
  readonly token?: string | undefined;
  readonly role?: string | undefined;
  readonly position?: string | undefined;
  readonly children?: string | undefined;
}

type Keys = Required<{ readonly [Part in keyof TreeKeys]: string }>;

/** A path of more steps is cut in messages. */
const LONGEST_PATH = 6;

/** A nested node whose children are not all read. */
interface Open {
  readonly given: object;
  readonly list: readonly unknown[];
  readonly children: number[];
}

/**
 * The tree of an object, nested or with a list of `nodes`.
 *
 * - Nested, a node has a label, a token, or children, a list of nodes; each may be left out, or be null. Other keys are passed over.
 * - In a list, a node is named by its `id`, a text or a number, by default its place from 0. It names its `parent`, or its children,
 *   which are in that order; children that name their parent are in the order of the list.
 *
 * Labels, tokens and roles are texts, or numbers and true or false, which become texts.
 *
 * @param keys what the parts of a node are called
 * @param where what it stands in, for messages
 * @param line where it stands, for the nodes
 * @throws UsageError for keys that are no texts
 * @throws DataError for what is no tree: a node of nothing, parts of other types, a node with two parents, a cycle, several roots
 */
export function treeOfObject(
  given: unknown,
  keys: TreeKeys = {},
  where = "treeOfObject",
  line?: number,
): Tree {
  checkTreeKeys(where, keys);
  const names = {
    label: keys.label ?? "label",
    token: keys.token ?? "token",
    role: keys.role ?? "role",
    position: keys.position ?? "position",
    children: keys.children ?? "children",
  };
  const list = isObject(given) ? partOf(given, "nodes") : undefined;
  if (list === undefined) return nested(given, where, names, line);
  return listed(list, where, names, line);
}

/** Throws UsageError for keys that do not name parts. */
export function checkTreeKeys(where: string, keys: TreeKeys): void {
  const given = `${where}: keys`;
  checkOptions(given, keys, { label: true, token: true, role: true, position: true, children: true });
  const wrong = Object.entries(keys).find(
    ([, key]) => key !== undefined && (typeof key !== "string" || key === ""),
  );
  if (wrong) throw new UsageError(`${given}.${wrong[0]} ${printGiven(wrong[1])} given, a text expected`);
}

function nested(given: unknown, where: string, keys: Keys, line: number | undefined): Tree {
  const nodes: TreeNode[] = [];
  const seen = new Set<object>();
  const open: Open[] = [];
  const place = () => `${where}${printPathTo(open, keys.children)}`;
  const begin = (one: unknown) => {
    if (!isObject(one)) throw new DataError(`${place()}: ${printGiven(one)} given, a node expected`);
    if (seen.has(one)) {
      const found = open.some(({ given: above }) => above === one)
        ? "is its own child, in a cycle"
        : "has two parents";
      throw new DataError(`${place()}: a node ${found}, one parent expected`);
    }
    checkTreeRoom(seen.size, where);
    seen.add(one);
    open.push({ given: one, list: childrenOf(one, keys, place), children: [] });
  };
  begin(given);
  for (let top = open.at(-1); top; top = open.at(-1)) {
    if (top.children.length < top.list.length) begin(top.list[top.children.length]);
    else {
      nodes.push(nodeOf(top.given, top.children, keys, line, place));
      open.pop();
      open.at(-1)?.children.push(nodes.length - 1);
    }
  }
  return { nodes };
}

function listed(list: unknown, where: string, keys: Keys, line: number | undefined): Tree {
  if (!Array.isArray(list)) throw new DataError(`${where}: nodes is ${printGiven(list)}, a list expected`);
  if (list.length === 0) throw new DataError(`${where}: an empty tree, one node or more expected`);
  checkTreeRoom(list.length - 1, where);
  const places = new Map<string, number>();
  const given = (list as unknown[]).map((one, at) => {
    const place = `${where}: nodes[${at}]`;
    if (!isObject(one)) throw new DataError(`${place}: ${printGiven(one)} given, a node expected`);
    const id = nameOf(partOf(one, "id") ?? at, `${place}.id`);
    if (places.has(id))
      throw new DataError(`${place}: the id ${printGiven(id)} is there twice, once expected`);
    places.set(id, at);
    return one;
  });
  const find = (name: unknown, place: string): number => {
    const at = places.get(nameOf(name, place));
    if (at !== undefined) return at;
    throw new DataError(`${place}: there is no node ${printGiven(name)}`);
  };
  const parents = new Int32Array(given.length).fill(-1);
  const adopt = (child: number, parent: number) => {
    const other = parents[child] as number;
    if (other !== -1) {
      throw new DataError(
        `${where}: nodes[${child}] is a child twice, of nodes[${other}] and nodes[${parent}]: once expected`,
      );
    }
    parents[child] = parent;
  };
  const nodes = given.map((one, at) => {
    const place = `${where}: nodes[${at}]`;
    const children = childrenOf(one, keys, () => place).map((name) =>
      find(name, `${place}.${keys.children}`),
    );
    for (const child of children) adopt(child, at);
    return { one, place, children };
  });
  nodes.forEach(({ one, place }, at) => {
    const name = partOf(one, "parent");
    if (name === undefined || name === -1) return;
    const parent = find(name, `${place}.parent`);
    // Both may say so.
    if (parents[at] === parent) return;
    adopt(at, parent);
    nodes[parent]?.children.push(at);
  });
  const root = parents.indexOf(-1);
  if (root < 0) throw new DataError(`${where}: every node has a parent, in a cycle: a root expected`);
  const second = parents.indexOf(-1, root + 1);
  if (second >= 0)
    throw new DataError(`${where}: nodes[${root}] and nodes[${second}] have no parent, one root expected`);
  const { tree, stray } = inPostOrder(
    nodes.map(({ one, place, children }) => nodeOf(one, children, keys, line, () => place)),
    root,
  );
  if (stray !== undefined)
    throw new DataError(`${where}: nodes[${stray}] hangs on a cycle, not on the root nodes[${root}]`);
  return tree;
}

function nodeOf(
  given: object,
  children: readonly number[],
  keys: Keys,
  line: number | undefined,
  place: () => string,
): TreeNode {
  const textOf = (key: string): string | undefined => {
    const part = partOf(given, key);
    if (part === undefined || typeof part === "string") return part;
    if (Number.isFinite(part) || typeof part === "boolean") return String(part);
    throw new DataError(`${place()}.${key} is ${printGiven(part)}, a text or a number expected`);
  };
  const [label, token, role] = [textOf(keys.label), textOf(keys.token), textOf(keys.role)];
  const position = partOf(given, keys.position);
  if (position !== undefined && !(Number.isSafeInteger(position) && Number(position) >= 0)) {
    throw new DataError(
      `${place()}.${keys.position} is ${printGiven(position)}, a whole number from 0 expected`,
    );
  }
  if (label === undefined && token === undefined && children.length === 0) {
    throw new DataError(
      `${place()}: an empty node, a ${keys.label}, a ${keys.token} or ${keys.children} expected`,
    );
  }
  return {
    ...(token !== undefined && { token }),
    ...(label !== undefined && { label }),
    ...(role !== undefined && { role }),
    ...(position !== undefined && { position: position as number }),
    children,
    ...(line !== undefined && { line }),
  };
}

function childrenOf(given: object, keys: Keys, place: () => string): readonly unknown[] {
  const children = partOf(given, keys.children) ?? [];
  if (Array.isArray(children)) return children;
  throw new DataError(`${place()}.${keys.children} is ${printGiven(children)}, a list of nodes expected`);
}

/** What an object has under a key of its own; undefined for null. */
function partOf(given: object, key: string): unknown {
  return Object.hasOwn(given, key) ? ((given as Record<string, unknown>)[key] ?? undefined) : undefined;
}

function nameOf(given: unknown, place: string): string {
  if (typeof given === "string" || Number.isFinite(given)) return String(given);
  throw new DataError(`${place} is ${printGiven(given)}, a text or a number expected`);
}

function isObject(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** The path to the child that is read next, or to the node itself where all are. */
function printPathTo(open: readonly Open[], key: string): string {
  const steps = open
    .filter(({ list, children }) => children.length < list.length)
    .map(({ children }) => `${key}[${children.length}]`);
  if (steps.length === 0) return "";
  const shown = steps.slice(-LONGEST_PATH).join(".");
  return `: ${steps.length > LONGEST_PATH ? `${steps.length} deep, ...` : ""}${shown}`;
}

/**
 * A tree as JSON, on one line, nested, as `readTrees` reads it: { token, label, role, position, children }, of which a node has those that
 * it has. No place in a file is written.
 *
 * @throws DataError for what is no tree, and a node with neither label, token nor children
 */
export function writeTreeJson(tree: Tree): string {
  parentsOf(tree, "writeTreeJson");
  const parts: string[] = [];
  walkTree(
    tree,
    ({ token, label, role, position, children }, at) => {
      if (token === undefined && label === undefined && children.length === 0) {
        throw new DataError(`writeTreeJson: node ${at} is empty, a label, a token or children expected`);
      }
      if (parts.at(-1) === "}") parts.push(",");
      const own = JSON.stringify({ token, label, role, position });
      if (children.length === 0) parts.push(own.slice(0, -1));
      else parts.push(`${own.slice(0, -1)}${own === "{}" ? "" : ","}"children":[`);
    },
    ({ children }) => {
      parts.push(children.length === 0 ? "}" : "]", ...(children.length === 0 ? [] : ["}"]));
    },
  );
  return joinTexts(parts, ["writeTreeJson"]);
}

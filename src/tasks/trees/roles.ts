/** The roles of nodes by number: relations of dependency trees, kinds of operators, bonds. */

import type { Tree, TreeNode } from "../../data/trees/tree.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { DataError, FormatError } from "../../errors.ts";
import type { RoleUse } from "./options.ts";

const UNKNOWN = "<unk>";
/** More sets of weights are too many: each node is computed with all of them. */
const MOST_WEIGHTS = 32;
/** What a role that is not known is read as: one that stands for all such, or, where there are weights for each, the commonest. */
export const UNKNOWN_ROLE = 0;

/** The role of a node, "" where it has none. */
const roleOf = ({ role = "" }: TreeNode) => role;

/** Those of trees to train on, the commonest first. Throws DataError where no node has one, and for more than have weights of their own. */
export function rolesOf(name: string, trees: readonly Tree[], use: RoleUse): Vocabulary {
  const lists = trees.map(({ nodes }) => nodes.map(roleOf));
  if (lists.every((list) => list.every((role) => role === ""))) {
    throw new DataError(`${name}: no node has a role, and roles ${use} reads them`);
  }
  if (use === "embedded") return Vocabulary.fromTokens(lists, { unknown: UNKNOWN });
  const roles = Vocabulary.fromTokens(lists);
  if (roles.size <= MOST_WEIGHTS) return roles;
  throw new DataError(
    `${name}: nodes have ${roles.size} roles, at most ${MOST_WEIGHTS} expected for weights of their own: roles embedded takes any number`,
  );
}

/** Throws FormatError for what is no such vocabulary. */
export function rolesOfJson(json: unknown, use: RoleUse, where: string): Vocabulary {
  const roles = Vocabulary.fromJSON(json, `${where}: roles`);
  const unknown = use === "embedded" ? UNKNOWN : undefined;
  const isFirst = unknown === undefined || roles.tokens[UNKNOWN_ROLE] === unknown;
  if (roles.kind === "list" && roles.unknown === unknown && isFirst) return roles;
  throw new FormatError(
    `${where}: roles: a list ${unknown === undefined ? "without an unknown one" : `that begins with ${unknown}`} expected`,
  );
}

/** The role of a node as a vocabulary has it. */
export function knownRole(roles: Vocabulary, node: TreeNode): string {
  const role = roleOf(node);
  return roles.has(role) ? role : roles.token(UNKNOWN_ROLE);
}

/** How often each role, by its number, is in trees. */
export function countRoles(roles: Vocabulary, trees: readonly Tree[]): Float64Array {
  const counts = new Float64Array(roles.size);
  for (const { nodes } of trees) {
    for (const node of nodes) {
      const id = roles.id(knownRole(roles, node));
      counts[id] = (counts[id] as number) + 1;
    }
  }
  return counts;
}

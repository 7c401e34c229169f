/** The options of a classifier of trees and of its training: one table. */

import { TREE_FORMS } from "../../data/trees/reading.ts";
import { RING_RULES } from "../../data/trees/smiles.ts";
import { UsageError } from "../../errors.ts";
import { type TreeCellName, traversals, treeCells } from "../../nn/index.ts";
import { choice, filledText, real, text, whole, yes } from "../../options/kinds.ts";
import { dropoutOption, initializeOption } from "../../options/network.ts";
import {
  type CompletedOptions,
  completeOptions,
  type OptionsOf,
  option,
  pickOptions,
} from "../../options/table.ts";
import { OPTIMIZER_NAMES, type OptimizerName } from "../../training/optimizer.ts";
import {
  checkValidates,
  type GivenTraining,
  learningRateOption,
  optimizerSettingsOptions,
  requireNamedOptimizer,
  type SharedSettings,
  scheduleOptions,
  settle,
  trainingOptions,
} from "../../training/options.ts";

/** Which nodes are told: all, the root, or the leaves. */
export const TOLD_NODES = ["nodes", "root", "leaves"] as const;
export type ToldNodes = (typeof TOLD_NODES)[number];

/** More places for children have too many weights: a cell that sums over them takes any number. */
export const MOST_CHILDREN = 16;

/** What becomes of the roles of nodes: each has a vector, or weights of its own. */
export const ROLE_USES = ["embedded", "weights"] as const;
export type RoleUse = (typeof ROLE_USES)[number];

/** How trees are read. */
export const readingOptions = {
  form: option(choice(TREE_FORMS), {
    argument: "form",
    help: "how a file is written: brackets, JSON Lines, CoNLL-U, expressions, molecules as SMILES",
    usually: "found in its name or its first lines",
  }),
  column: option(text(), {
    argument: "column",
    help: "CoNLL-U: the column of labels, by number from 1 or by name",
    usually: "UPOS",
  }),
  rings: option(choice(RING_RULES), {
    argument: "rule",
    help: "SMILES: whether rings are cut, or molecules with rings refused",
    usually: "cut",
  }),
};

/** How a file is read that a model is measured on. */
export const evaluationOptions = {
  ...readingOptions,
  classes: option(whole({ from: 2, to: 2 }), {
    argument: "count",
    help: "2 for labels 0 to 4: also those above the middle against those below, without the middle",
    usually: "as many as there are labels",
  }),
};

/** How a file is read whose labels do not count. */
export const predictionOptions = {
  form: readingOptions.form,
  rings: readingOptions.rings,
  bare: option(yes(), { help: "brackets hold no labels: ((the cat) sits)" }),
};

/** A tree that is drawn with what it is told. */
export const drawingOptions = {
  tree: option(filledText(), {
    argument: "text",
    help: 'draws this tree, with what it is told, in place of the network: "(3 (2 It) (4 good))", or in another form that trees are read from',
  }),
  ...predictionOptions,
};

const formOptions = {
  cell: option(choice(Object.keys(treeCells) as TreeCellName[]), {
    argument: "name",
    help: "how a node comes of its children",
    usually: "tree-lstm, or child-sum-tree-lstm where a node has more than two children",
  }),
  direction: option(choice(traversals), {
    default: "up",
    argument: "direction",
    help: "up from the leaves, down from the root, or both in turn, so that each node sees the whole tree",
  }),
  labels: option(choice(TOLD_NODES), {
    argument: "which",
    help: "which nodes are told: all that have labels, the root, or the leaves",
    usually: "found in the file",
  }),
  reads: option(choice(["nodes", "leaves"]), {
    argument: "which",
    help: "which nodes have words to read",
    usually: "found in the file",
  }),
  arity: option(whole({ from: 1, to: MOST_CHILDREN }), {
    argument: "count",
    help: "how many children a node has at most, of a cell with a place for each",
    usually: "as in the file, 2 or more",
  }),
  embedding: option(whole({ from: 1 }), {
    argument: "size",
    help: "numbers in a word's vector",
    usually: "100, or as many as --vectors have",
  }),
  hidden: option(whole({ from: 1 }), {
    default: 150,
    argument: "units",
    help: "units of a node, and of each direction of the layer over words",
  }),
  dropout: dropoutOption(0.5),
  sequence: option(choice(["yes", "no"]), {
    default: "no",
    argument: "choice",
    help: "whether an LSTM reads the words in both directions before the tree does",
  }),
  largest: option(whole({ from: 1 }), {
    default: 20_000,
    argument: "nodes",
    help: "a larger tree is refused",
  }),
  roles: option(choice(ROLE_USES), {
    argument: "use",
    help: "what a node's role (a relation, a bond, the kind of an operator) does: a vector of it stands beside its word's, or it chooses the weights",
    usually: "roles are not read",
  }),
  roleEmbedding: option(whole({ from: 1 }), {
    argument: "size",
    help: "numbers in a role's vector, where roles are embedded",
    usually: "25",
  }),
};

const WEIGHT_DECAY = 1e-4;

const learningOptions = {
  initialize: initializeOption,
  ...trainingOptions,
  batch: option(whole({ from: 1 }), {
    argument: "trees",
    help: "trees of an update, side by side",
    usually: "25, less for little data",
  }),
  optimizer: option(choice(OPTIMIZER_NAMES), {
    default: "adagrad",
    argument: "name",
    help: "the rule by which weights change",
  }),
  optimizerSettings: optimizerSettingsOptions(String(WEIGHT_DECAY)),
  learningRate: learningRateOption("0.05 for adagrad"),
  schedule: scheduleOptions("constant"),
  validation: option(real({ from: 0, below: 1 }), {
    default: 0.1,
    argument: "fraction",
    help: "of the trees to hold out, where there is no file of them",
  }),
  vocabulary: option(whole({ from: 1 }), {
    default: 50_000,
    argument: "words",
    help: "how many words to know, the commonest",
  }),
  unknown: option(real({ from: 0 }), {
    default: 0.1,
    argument: "weight",
    help: "a training word that occurs n times is read as unknown with the probability weight / (weight + n)",
  }),
};

/** What a training is told, but for how a file is read. */
export const ownOptions = { ...formOptions, ...learningOptions };

export const treeOptions = { ...readingOptions, ...ownOptions };

/** The form of a network, every default filled in. */
export interface Form extends Readonly<CompletedOptions<typeof formOptions>> {
  readonly cell: TreeCellName;
  readonly labels: ToldNodes;
  readonly reads: "nodes" | "leaves";
  readonly arity: number;
  readonly embedding: number;
}

/** What follows from trees, and from vectors of words, where it is not given. */
export type SuitedForm = Pick<Form, "cell" | "labels" | "reads" | "arity"> & Partial<Pick<Form, "embedding">>;

/** How it is trained, every default filled in. */
export interface TreeSettings extends SharedSettings {
  readonly initialize: CompletedOptions<typeof learningOptions>["initialize"];
  readonly validation: number;
  readonly vocabulary: number;
  readonly unknown: number;
}

export interface TreeClassifierOptions
  extends Omit<OptionsOf<typeof ownOptions>, keyof GivenTraining>,
    Omit<GivenTraining, "optimizer"> {
  /** The name of an optimiser. Default "adagrad". */
  readonly optimizer?: OptimizerName | undefined;
}

const someForm: SuitedForm = { cell: "tree-lstm", labels: "nodes", reads: "nodes", arity: 2 };

/** The form of options, and of what suits the trees. Throws UsageError for what is out of range. */
export function completeForm(given: object, suited = someForm): Form {
  const completed = completeOptions("tree", formOptions, pickOptions(given, formOptions));
  const { cell = suited.cell, labels = suited.labels, reads = suited.reads } = completed;
  const { arity = suited.arity, direction, embedding = suited.embedding ?? 100 } = completed;
  const { hidden, dropout, sequence, largest, roles, roleEmbedding } = completed;
  if (roleEmbedding !== undefined && roles !== "embedded") {
    throw new UsageError(`role embedding ${roleEmbedding} given, which says nothing without roles embedded`);
  }
  return {
    // In one order, wherever the options come from: files of the same model are the same.
    ...{ cell, direction, labels, reads, arity, embedding, hidden, dropout, sequence, largest, roles },
    roleEmbedding: roles === "embedded" ? (roleEmbedding ?? 25) : undefined,
  };
}

/**
 * The settings of options, for so many trees to train on; `held`: whether others are held out that are not a fraction of these.
 * Throws UsageError for what is out of range or contradicts itself.
 */
export function completeSettings(given: object, trees: number, held = false): TreeSettings {
  const { optimizer, optimizerSettings, schedule, ...others } = pickOptions(
    given,
    learningOptions,
  ) as TreeClassifierOptions;
  requireNamedOptimizer({ optimizer });
  const completed = completeOptions("tree", learningOptions, others);
  const { initialize, validation, vocabulary, unknown } = completed;
  const shared = settle(
    completed,
    {
      optimizer: optimizer ?? "adagrad",
      optimizerSettings: { weightDecay: WEIGHT_DECAY, ...optimizerSettings },
      schedule,
    },
    {
      batch: Math.max(1, Math.min(25, Math.floor(trees / 8))),
      updates: (batch) => Math.ceil(trees / batch),
      learningRates: { adagrad: 0.05 },
    },
  );
  checkValidates(shared, held ? 1 : validation);
  return { initialize, validation, vocabulary, unknown, ...shared };
}

/** Trees: train on trees whose nodes have labels, tell those of others. */

export type { LabelScores as TreeLabelScores } from "../label-table.ts";
export type { TreeClassifier, TreeEvaluation } from "./classifier.ts";
export type { TreeFigures } from "./measures.ts";
export type { Form as TreeClassifierForm, ToldNodes, TreeClassifierOptions } from "./options.ts";
export type { ToldNode, ToldTree } from "./prediction.ts";
export {
  readTreeClassifier,
  type TrainTreeClassifierOptions,
  trainTreeClassifier,
} from "./train-classifier.ts";

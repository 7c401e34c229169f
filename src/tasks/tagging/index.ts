/** Tagging: train on sentences whose words have tags, tell the tags of others. */

export type { LabelScores as TagScores } from "../label-table.ts";
export type { TagFigures } from "./measures.ts";
export type { Form as TaggerForm, TaggerOptions } from "./options.ts";
export type { Tagger, TaggerEvaluation, TaggingSentence, UntaggedSentence } from "./tagger.ts";
export type { Tagging, ToldSpan, ToldToken } from "./tagging.ts";
export { readTagger, type TrainTaggerOptions, trainTagger } from "./train-tagger.ts";

/** Language models: train on a text, evaluate, generate. */

export {
  type OwnParts,
  type ReadOptions,
  readLanguageModel,
  type TrainingRecord,
  writeLanguageModel,
} from "./file.ts";
export {
  type EvaluateOptions,
  type Evaluation,
  type GenerateOptions,
  type GivenArchitecture,
  LanguageModel,
  type ModelOptions,
  type ModelStreamOptions,
  type WriteOptions,
} from "./model.ts";
export type { Network as LanguageModelNetwork } from "./network.ts";
export type { Architecture, LanguageModelOptions, TrainingSettings } from "./options.ts";
export type { TextIdentity } from "./text.ts";
export {
  type LanguageModelEvent,
  LanguageModelTraining,
  type ResumeOptions,
  type TextOptions,
  trainLanguageModel,
} from "./training.ts";

export type { Classifier, ClassifierEvaluation, LabelFigures } from "./classifier.ts";
export type { DoubtfulRow } from "./evaluation.ts";
export type { ExplainedStep, LabelExplanation } from "./explanation.ts";
export type { ClassifierRow } from "./given-rows.ts";
export type { ClassifierOptions, Form as ClassifierForm } from "./options.ts";
export type { Classification } from "./output.ts";
export {
  type Detection,
  Recognizer,
  type RecognizerOptions,
  type SoundLabeller,
} from "./recognizer.ts";
export {
  type ReadClassifierOptions,
  readClassifier,
  type TrainClassifierOptions,
  trainClassifier,
} from "./train-classifier.ts";

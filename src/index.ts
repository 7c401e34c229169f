// What `import ... from "rondo"` offers; everything here runs in Node and in a browser.
export type { Backend, Executable, Prepared, Program, Value } from "./backends/backend.ts";
export {
  autoBackend,
  type BackendChoice,
  type BackendName,
  type BackendReport,
  backendReport,
} from "./backends/choice.ts";
export type { ExecutionOptions } from "./backends/execution-options.ts";
export { reference } from "./backends/reference/index.ts";
export { type ThreadReport, threadReport } from "./backends/runtime/thread-report.ts";
export { type WasmOptions, wasm, wasmBackend } from "./backends/wasm/index.ts";
export { type PassName, passes } from "./compiler/passes/index.ts";
export type { ProductTarget, Target } from "./compiler/target.ts";
export { type CsvOptions, type CsvRow, type CsvTable, openCsv } from "./data/csv.ts";
export { type ChosenFile, folderOf, type SourceFolder } from "./data/folder.ts";
export { type JsonLine, jsonLines } from "./data/json-lines.ts";
export { LengthBatches, type LengthBatchesOptions } from "./data/length-batches.ts";
export type { Decimal } from "./data/numerals.ts";
export { type Padded, type PadTokensOptions, padTokens, padVectors } from "./data/padding.ts";
export { pickRows } from "./data/pick-rows.ts";
export { RowBatches, type RowBatchesOptions } from "./data/row-batches.ts";
export { SCALER_KINDS, Scaler, type ScalerJson, type ScalerKind, type ScalerOptions } from "./data/scaler.ts";
export {
  type MaskedSeriesBatch,
  type MissingValues,
  type PlainSeriesBatch,
  type SeriesBatch,
  type SeriesPlaces,
  SeriesWindows,
  type SeriesWindowsOptions,
} from "./data/series-windows.ts";
export {
  type SoundFeatureStream,
  type SoundFeatures,
  type SoundFeaturesOptions,
  soundFeatures,
} from "./data/sound/features.ts";
export { mono } from "./data/sound/mono.ts";
export { SoundReader, type SoundReaderOptions, type SoundReaderStream } from "./data/sound/reader.ts";
export {
  type SoundFeatureKind,
  type SoundReading,
  type SoundReadingOptions,
  soundReading,
  soundReadingOfJson,
} from "./data/sound/reading.ts";
export { type Recording, readRecording } from "./data/sound/recording.ts";
export { type ResampleStream, resample, resampleStream } from "./data/sound/resample.ts";
export { type ReadWavOptions, readWav, type Sound, wavPieces } from "./data/sound/wav.ts";
export {
  type ByteReader,
  type ByteStream,
  type Line,
  readSourceText,
  type Source,
  sourceLines,
  textSource,
} from "./data/source.ts";
export { type Split, splitForValidation } from "./data/split.ts";
export { readTagged } from "./data/tagged/read.ts";
export {
  findTaggedReading,
  type ReadTaggedOptions,
  TAGGED_FORMS,
  type TaggedForm,
  type TaggedReading,
} from "./data/tagged/reading.ts";
export {
  convertTags,
  findScheme,
  type LegalTags,
  legalTags,
  repairTags,
  TAG_REPAIRS,
  type TagFault,
  type TagRepair,
  tagFaults,
  tagsOfSpans,
} from "./data/tagged/schemes.ts";
export type { TaggedSentence } from "./data/tagged/sentence.ts";
export {
  conllevalSpans,
  type Span,
  spansOf,
  splitTag,
  TAG_SCHEMES,
  type TagScheme,
} from "./data/tagged/spans.ts";
export { type Token, tokenize } from "./data/tagged/tokens.ts";
export { decodeText } from "./data/text.ts";
export { calendarFeatures, calendarNames } from "./data/time/calendar.ts";
export type { TimeFormat } from "./data/time/format.ts";
export { TimeGrid, type TimeGridJson } from "./data/time/grid.ts";
export type { GridUnit } from "./data/time/units.ts";
export type { SeriesAudit, SeriesAuditJson, SeriesFigures, TargetFigures } from "./data/time-series/audit.ts";
export type { Categories, GivenColumns } from "./data/time-series/columns.ts";
export {
  type SeriesCell,
  type SeriesData,
  type SeriesOfDataOptions,
  type SeriesRecord,
  type SeriesValues,
  seriesOfData,
  seriesOfDataAs,
} from "./data/time-series/from-arrays.ts";
export { lastValue, seasonalNaive } from "./data/time-series/naive.ts";
export type { ReadSeriesOptions } from "./data/time-series/options.ts";
export {
  type ReadSeriesAsOptions,
  readSeries,
  readSeriesAs,
  type SeriesTable,
  seriesRows,
} from "./data/time-series/read.ts";
export {
  type Aggregate,
  type GapKind,
  type SeriesReading,
  seriesReadingOfJson,
} from "./data/time-series/reading.ts";
export type { SeriesRow } from "./data/time-series/rows.ts";
export type { SeriesColumns, SeriesSet, TimeSeries } from "./data/time-series/series.ts";
export { writeBracketed } from "./data/trees/brackets.ts";
export { type TreeKeys, treeOfObject, writeTreeJson } from "./data/trees/objects.ts";
export { readTrees } from "./data/trees/read.ts";
export { type ReadTreesOptions, TREE_FORMS, type TreeForm } from "./data/trees/reading.ts";
export { RING_RULES, type RingRule } from "./data/trees/smiles.ts";
export { type Tree, type TreeNode, treeTokens } from "./data/trees/tree.ts";
export {
  LABELLED_NODES,
  type LabelledNodes,
  type TreeArrays,
  type TreeArraysOptions,
  treeArrays,
} from "./data/trees/tree-arrays.ts";
export {
  TOKEN_KINDS,
  type TokenKind,
  type TokenListOptions,
  type TokenOrder,
  Vocabulary,
  type VocabularyJson,
  type VocabularyOptions,
} from "./data/vocabulary.ts";
export {
  type EvaluationWindows,
  evaluationWindows,
  IGNORED_TARGET,
  type Window,
  type WindowOptions,
  Windows,
} from "./data/windows.ts";
export { type ReadWordVectorsOptions, readWordVectors, type WordVectors } from "./data/word-vectors.ts";
export type { WordSplit } from "./data/words.ts";
export { type BeamSearchOptions, beamSearch, type Hypothesis } from "./decoding/beam-search.ts";
export {
  type CtcBeamOptions,
  type CtcDecodingOptions,
  type CtcLabels,
  type CtcPath,
  ctcBeamSearch,
  ctcBestPath,
} from "./decoding/ctc.ts";
export {
  drawGaussian,
  drawNegativeBinomial,
  gaussianQuantile,
  negativeBinomialQuantile,
  sampleQuantiles,
} from "./decoding/distributions/index.ts";
export { type GenerateTokensOptions, generateTokens } from "./decoding/generate.ts";
export {
  type Decoded,
  greedySearch,
  type SampleSequencesOptions,
  sampleSequences,
} from "./decoding/greedy.ts";
export { type HypothesisScoreOptions, LENGTH_FORMS, type LengthForm } from "./decoding/hypothesis-score.ts";
export type { DecodingOptions } from "./decoding/rules.ts";
export { type SamplingOptions, sampleToken } from "./decoding/sampling.ts";
export type { DecoderOutput, DecoderStep } from "./decoding/step.ts";
export type { Alignment } from "./decoding/trail.ts";
export type { Writing } from "./decoding/writing.ts";
export type { Drawing } from "./draw/charts/drawing.ts";
export { type DrawOptions, draw, type View } from "./draw/index.ts";
export {
  type Channel,
  type InspectionPageOptions,
  inspectionPage,
  type NamedSteps,
} from "./draw/report/index.ts";
export * from "./errors.ts";
export { type Metadata, readModel, writeModel } from "./formats/model.ts";
export {
  checkTensors,
  type ExpectedTensor,
  readSafetensors,
  type SafetensorsFile,
  type StoredDtype,
  type StoredTensor,
  type TensorData,
  writeSafetensors,
} from "./formats/safetensors.ts";
export { gradient } from "./gradient/index.ts";
export type { Body, BodyParts, Send } from "./graph/body.ts";
export {
  addDimensions,
  type Bindings,
  type Dimension,
  multiplyDimensions,
  type Shape,
  subtractDimensions,
} from "./graph/dimension.ts";
export type { Node, TensorType } from "./graph/node.ts";
export type { Attributes, DType, NoAttributes, Operation, VariableIdentity } from "./graph/operations.ts";
export { printGraph } from "./graph/print.ts";
export {
  type ByWeight,
  type GradientStep,
  type GradientTerm,
  type GradientTerms,
  type GradientTermsOptions,
  gradientTerms,
} from "./inspect/gradient-terms.ts";
export * from "./inspect/index.ts";
export type { Matrix } from "./inspect/vectors.ts";
export type { StopSignal } from "./long-work.ts";
export * from "./nn/index.ts";
export type { NumberType } from "./numbers.ts";
export type { CompletedOptions, Option, OptionsOf, OptionTable } from "./options/table.ts";
export {
  type Compiled,
  type CompileOptions,
  compile,
  float32,
  InputType,
  int32,
  type Nested,
  type Update,
  type ValueLike,
  value,
} from "./program/compile.ts";
export type { GraphCounts, LoopCounts } from "./program/counts.ts";
export { type ExplainOptions, type Explanation, explain, printExplanation } from "./program/explain.ts";
export type { Numbers } from "./program/places.ts";
export {
  type CompiledSteps,
  compileSteps,
  type LiveSteps,
  type StepsOptions,
  type StepsStart,
} from "./program/steps.ts";
export { type StateTree, type Stream, type StreamOptions, stream } from "./program/stream.ts";
export * from "./tasks/anomaly/index.ts";
export * from "./tasks/classification/index.ts";
export * from "./tasks/forecasting/index.ts";
export type { DataIdentity } from "./tasks/identity.ts";
export * from "./tasks/language-model/index.ts";
export { type Ngram, type NgramOptions, trainNgram } from "./tasks/ngram.ts";
export * from "./tasks/tagging/index.ts";
export * from "./tasks/translation/index.ts";
export * from "./tasks/trees/index.ts";
export { elu, type GeluOptions, gelu, leakyRelu, logSigmoid, softplus } from "./trace/activations.ts";
export { type CumsumOptions, cumsum, type TopK, topK } from "./trace/along-axis.ts";
export type { Axes, ReductionOptions, VarianceOptions } from "./trace/axes.ts";
export {
  abs,
  ceil,
  clamp,
  concat,
  cos,
  einsum,
  exp,
  floor,
  full,
  join,
  lerp,
  log,
  logSoftmax,
  oneHot,
  pow,
  randomUniform,
  range,
  relu,
  round,
  scalar,
  sigmoid,
  sign,
  sin,
  softmax,
  sqrt,
  stack,
  tanh,
  where,
  zeros,
  zerosLike,
} from "./trace/functions.ts";
export { type ScanOptions, scan } from "./trace/scan.ts";
export type { Past } from "./trace/step.ts";
export { Tensor, type TensorLike } from "./trace/tensor.ts";
export type { MapTree } from "./trace/tree.ts";
export {
  type Initializer,
  type NumericArray,
  type RandomSource,
  type ValueHolder,
  Variable,
  type VariableOptions,
} from "./trace/variable.ts";
export {
  type Checkpoint,
  readCheckpoint,
  restoreCheckpoint,
  saveCheckpoint,
  type Trained,
  type TrainingState,
} from "./training/checkpoint.ts";
export { clipByGlobalNorm, clipByLayerNorm, clipByValue, globalNorm } from "./training/clipping.ts";
export type {
  Diagnosis,
  LayerDiagnosis,
  PassDiagnosis,
  TrainingWarning,
  WarningKind,
} from "./training/diagnosis/index.ts";
export { ElasticWeights, type ElasticWeightsOptions } from "./training/elastic-weights.ts";
export {
  type DiagnosisEvent,
  type LoopOptions,
  runTraining,
  type StepResult,
  type TrainingEnd,
  type TrainingEvent,
  type TrainingPosition,
  type TrainingTask,
  type Validation,
} from "./training/loop.ts";
export type {
  BleuOptions,
  BleuReport,
  BleuSmoothing,
  BleuTokens,
  CalibrationOptions,
  ChrfOptions,
  ChrfReport,
  ClassMeasureOptions,
  ClassReport,
  ClassScores,
  ConfusionTable,
  DetectionReport,
  EditCountsOptions,
  EditedSequence,
  EditReport,
  ErrorMeasureOptions,
  EventReport,
  LabelCount,
  MultiLabelReport,
  PercentageError,
  ProbabilityMeasureOptions,
  ScaledErrorOptions,
  SpanReport,
  SpanScores,
  TemperatureOptions,
  TimedLabel,
} from "./training/measures/index.ts";

export * as measures from "./training/measures/index.ts";
export {
  OPTIMIZER_NAMES,
  type Optimizer,
  type OptimizerName,
  type OptimizerSettings,
  type OptimizerState,
} from "./training/optimizer.ts";
export {
  type AdadeltaSettings,
  type AdagradSettings,
  type AdamSettings,
  adadelta,
  adagrad,
  adam,
  adamw,
  createOptimizer,
  type RmspropSettings,
  rmsprop,
  type SgdSettings,
  sgd,
} from "./training/optimizers.ts";
export type { GivenTraining, SettledOptions, SharedSettings } from "./training/options.ts";
export { startOfTraining, type TrainingProgress } from "./training/progress.ts";
export { type RaiseOnDriftSettings, raiseOnDrift } from "./training/raise-on-drift.ts";
export { Replay, type ReplayOptions, type ReplayState } from "./training/replay.ts";
export { Reservoir, type ReservoirOptions, type ReservoirState } from "./training/reservoir.ts";
export {
  type DecaySamplingOptions,
  exponentialSampling,
  inverseSigmoidSampling,
  type LinearSamplingOptions,
  linearSampling,
} from "./training/sampling-schedules.ts";
export {
  type CosineSettings,
  constant,
  cosine,
  type LinearSettings,
  linearDecay,
  type PlateauSettings,
  reduceOnPlateau,
  type Schedule,
  type ScheduleDescription,
  type ScheduleKind,
  type ScheduleMemory,
  type SchedulePosition,
  type StepDecaySettings,
  stepDecay,
  warmUp,
} from "./training/schedules.ts";
export {
  type LossResult,
  type NoOutputs,
  type TrainingStep,
  type TrainingStepOptions,
  trainingStep,
} from "./training/step.ts";
export {
  type Batches,
  type BatchOf,
  type NoCarried,
  type RunOptions,
  Training,
  type TrainingLoss,
  type TrainingOptions,
  type ValidationResult,
} from "./training/training.ts";

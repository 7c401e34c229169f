/** The detection of anomalies: train on series, score, stream. */

export type { DataIdentity, RowsIdentity } from "../identity.ts";
export type { Anomalies, AnomaliesOf, Detector } from "./detector.ts";
export type { DetectorRecord } from "./file.ts";
export type { DetectorAlarms, DetectorOptions, DetectorSettings } from "./options.ts";
export type { DetectorRow, DetectorState, DetectorStream, RowScore } from "./stream.ts";
export { readDetector, type TrainDetectorOptions, trainDetector } from "./train-detector.ts";

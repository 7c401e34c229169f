/** What Rondo offers in Node only. Everything else is in the package's main entry, which a browser runs too. */
export type { InstructionSet } from "../backends/x86/assembler/assembler.ts";
export { type NativeOptions, nativeBackend } from "../backends/x86/index.ts";
export type { SourceFolder } from "../data/folder.ts";
export type { ByteReader, ByteStream, Source } from "../data/source.ts";
export type { Measure, MeasureTable } from "../tasks/measures.ts";
export type { Runs } from "../tasks/task.ts";
export { fileSource } from "./file-source.ts";
export { appendLine, makeDirectory, readFileBytes, writeFileAtomic } from "./files.ts";
export { folderSource } from "./folder-source.ts";
export { enableFusedMultiplyAdd } from "./relaxed-simd.ts";
export { Report, type ReportForm, type ReportWords } from "./report.ts";
export { type MetricsLine, RunFolder } from "./run-folder.ts";
export { type FolderOptions, trainInFolder } from "./train-in-folder.ts";

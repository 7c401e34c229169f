/** What Rondo offers in Node only. Everything else is in the package's main entry, which a browser runs too. */
export type { ByteReader, ByteStream, Source } from "../data/source.ts";
export { fileSource } from "./file-source.ts";
export { appendLine, makeDirectory, readFileBytes, writeFileAtomic } from "./files.ts";
export { enableFusedMultiplyAdd } from "./relaxed-simd.ts";

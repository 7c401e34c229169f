/** The web worker's side of the test: computes the cases that the page posts, one answer each. */

import type { Computed } from "../parity/evaluate.ts";
import type { Skip } from "../parity/kind.ts";
import { compute, type Request } from "./compute.ts";
import { fetchBytes } from "./fetch.ts";

export type Answer = Computed | Skip | { readonly failure: string };

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  const answer: Answer = await compute(data, fetchBytes).catch((error) => ({ failure: String(error) }));
  self.postMessage(answer);
};

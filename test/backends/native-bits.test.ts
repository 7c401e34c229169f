/** Machine code gives the same bits as fused WebAssembly, so that a run begun with one goes on with the other. */

import { describe, test } from "vitest";
import { expectSameBits, sets } from "../helpers/native.ts";
import { cases } from "./cases.ts";

describe.skipIf(sets.length === 0)("the conformance cases", () => {
  for (const one of cases) test(one.name, () => expectSameBits(one));
});

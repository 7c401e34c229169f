/** Machine code does what every backend must, with all instruction sets that this machine has. */

import { nativeBackend } from "../../src/backends/x86/index.ts";
import { conformance } from "./conformance.ts";

for (const instructions of ["avx2", "avx512"] as const) {
  conformance(`native, ${instructions}`, nativeBackend({ instructions, check: true }));
}
conformance("native, split for threads", nativeBackend({ threads: 2, check: true }), { rewritesAlone: true });

/** Machine code for all programs of this process, where this is Node. */

import { offerNative } from "../choice.ts";
import { nativeBackend, widestInstructions } from "./index.ts";
import { nativeObstacle } from "./runtime/obstacle.ts";

const vectors = { avx2: "AVX2, vectors of 8 floats", avx512: "AVX-512, vectors of 16 floats" };

export function offerMachineCode(): void {
  offerNative({
    backend: nativeBackend,
    obstacle: nativeObstacle,
    describe: () => `machine code with ${vectors[widestInstructions()]}`,
  });
}

/** The backends that every case runs on. */

import type { Backend } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";

export const backends: readonly Backend[] = [reference, wasm];

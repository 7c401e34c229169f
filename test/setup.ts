// Every test file runs with what newer engines have by themselves, as the command does.
import { enableFusedMultiplyAdd } from "../src/node/relaxed-simd.ts";

enableFusedMultiplyAdd();

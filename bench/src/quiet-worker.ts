// The second processor of `quiet.ts`: measures the rate of the bare loop whenever it is asked to, for so many milliseconds.
import { parentPort, workerData } from "node:worker_threads";
import { createRate } from "./rate.ts";

const rate = createRate((workerData as { fused: boolean }).fused);
parentPort?.on("message", (milliseconds: number) => parentPort?.postMessage(rate(milliseconds)));

// The second processor of `quiet.ts`: measures the rate of a product whenever it is asked to, for so many milliseconds.
import { parentPort, workerData } from "node:worker_threads";
import { createProductRate } from "./rate.ts";

const rate = createProductRate((workerData as { fused: boolean }).fused);
parentPort?.on("message", (milliseconds: number) => parentPort?.postMessage(rate(milliseconds)));

/** Where in a browser the cases run, and how. */

export interface Configuration {
  /** The thread that calls the engine: the page's own, or a worker's. */
  readonly place: "page" | "worker";
  /** Whether the page is served with COOP and COEP, without which no memory can be shared. */
  readonly isolated: boolean;
  /** Threads to ask for. */
  readonly threads: number;
  /** Threads that then run: several only where memory can be shared and the calling thread may wait. */
  readonly running: number;
  /** Whether to multiply and add at once. */
  readonly fused: boolean;
}

export const configurations: readonly Configuration[] = [
  { place: "page", isolated: false, threads: 1, running: 1, fused: false },
  { place: "worker", isolated: false, threads: 1, running: 1, fused: true },
  { place: "worker", isolated: true, threads: 1, running: 1, fused: true },
  { place: "worker", isolated: true, threads: 2, running: 2, fused: true },
  { place: "worker", isolated: true, threads: 3, running: 3, fused: true },
  { place: "worker", isolated: false, threads: 2, running: 1, fused: true },
  { place: "page", isolated: true, threads: 2, running: 1, fused: true },
];

export function nameOf({ place, isolated, threads, running, fused }: Configuration): string {
  const count = `${threads} thread${threads === 1 ? "" : "s"}`;
  const fewer = running < threads ? `, ${running} running` : "";
  return `${isolated ? "isolated " : ""}${place}, ${count}${fewer}${fused ? "" : ", not fused"}`;
}

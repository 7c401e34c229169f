/** What the results depend on besides the code. */

import { cpus, loadavg, platform, release, totalmem } from "node:os";
import type { CaseResult } from "./measure.ts";

/** The load of the minute before the bench began: other work that it shares the processors with. */
const loadBefore = loadavg()[0] ?? 0;

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly memory: string;
  readonly system: string;
  /** Processes that ran or waited to run before the bench began; much above 0 spoils the figures. */
  readonly load: number;
  /** Of Node and of every contender that ran. */
  readonly versions: Readonly<Record<string, string>>;
}

export function machine(results: readonly CaseResult[]): Machine {
  const processors = cpus();
  const ran = results
    .flatMap(({ outcomes }) => outcomes)
    .flatMap(({ label, version }) =>
      version === undefined ? [] : [[label.split(",")[0] as string, version]],
    );
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${processors.length} x ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()}`,
    load: loadBefore,
    versions: { Node: process.versions.node, V8: process.versions.v8, ...Object.fromEntries(ran) },
  };
}

export function machineLines({ date, processor, memory, system, load, versions }: Machine): string[] {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}; ${processor}; ${memory}; ${system}; load before the start ${load.toFixed(2)}`,
    list.join(", "),
  ];
}

/** Measures one case: everybody's process, the results compared, then round after round, one contender after another. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disagreement, writeArrays } from "./arrays.ts";
import type { Case, Task } from "./cases.ts";
import { Child } from "./contenders/child.ts";
import type { Duration, Measurement, Preparation } from "./contenders/contender.ts";
import type { Contender } from "./contenders/list.ts";
import type { Engine } from "./engines.ts";
import type { Watch } from "./quiet.ts";
import { lowerQuartile } from "./statistics.ts";

/** What came of one contender at one task. */
export interface Outcome {
  readonly contender: string;
  readonly label: string;
  readonly threads: number;
  readonly engine: Engine | undefined;
  readonly task: Task;
  version: string | undefined;
  /** One value a round: milliseconds, or bytes for memory. */
  readonly values: number[];
  /** Milliseconds of compiling alone, or bytes of the library's own memory, where that can be told. */
  readonly parts: number[];
  /** Why there are no values. */
  reason: string | undefined;
}

export type Rates = Readonly<Partial<Record<Engine, number[]>>>;

export interface CaseResult {
  readonly case: Case;
  /** GFLOP/s of the bare loop of each engine, one value a round. */
  readonly rates: Rates;
  readonly outcomes: readonly Outcome[];
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Rounds are short. */
  readonly quick: boolean;
  /** Milliseconds after which a contender that does not answer is given up. */
  readonly limit: number;
  /** GFLOP/s of the bare loops, measured for so many milliseconds. */
  readonly rates: ReadonlyMap<Engine, (milliseconds: number) => number>;
  readonly watch: Watch;
}

/** A contender at one task. */
interface Entrant {
  readonly contender: Contender;
  readonly task: Task;
  readonly arrays: string;
  readonly outcome: Outcome;
  child?: Child;
  preparation?: Preparation;
}

/** Milliseconds beyond which what shows once in a process is measured in one round only. */
const slow = 20_000;
const rateMilliseconds = 30;
/** Until what compiles while it runs has settled. */
const warmUp = { milliseconds: 600, runs: 8, most: 10_000 };
/** Of each contender in each round. */
const fullRound = { milliseconds: 250, runs: 4, most: 2000 };
const shortRound = { milliseconds: 60, runs: 1, most: 2000 };

export async function measureCase(
  of: Case,
  contenders: readonly Contender[],
  options: MeasureOptions,
): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), "rondo-bench-"));
  try {
    const entrants = of.tasks.flatMap((task, index) => {
      const arrays = join(folder, `${index}.safetensors`);
      writeArrays(arrays, task);
      return contenders.map((contender): Entrant => {
        const { name, label, threads, engine } = contender;
        const reason = contender.absence(of);
        const outcome = {
          contender: name,
          label,
          threads,
          engine,
          task,
          version: undefined,
          values: [],
          parts: [],
          reason,
        };
        return { contender, task, arrays, outcome };
      });
    });
    const rates = isFresh(of)
      ? await measureFresh(entrants, options)
      : await measureSteady(entrants, options);
    return { case: of, rates, outcomes: entrants.map(({ outcome }) => outcome) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What shows only once in the life of a process. */
const isFresh = ({ kind }: Case) => kind === "compile" || kind === "memory";

/** Do something for an entrant that is still in; a failure takes it out, with its reason. */
async function attempt(entrant: Entrant, action: () => Promise<void>): Promise<void> {
  if (entrant.outcome.reason !== undefined) return;
  try {
    await action();
  } catch (error) {
    entrant.outcome.reason = error instanceof Error ? error.message : String(error);
    entrant.child?.close();
  }
}

async function start(entrant: Entrant, limit: number): Promise<Preparation> {
  const { contender, task, arrays, outcome } = entrant;
  const child = new Child(contender, limit);
  entrant.child = child;
  outcome.version = (await child.ready()).version;
  entrant.preparation = await child.ask<Preparation>({ do: "prepare", task, arrays });
  return entrant.preparation;
}

/** Milliseconds of a run, the lower quartile of as many as fit: whatever else the machine does only ever adds time. */
async function time(entrant: Entrant, duration: Duration): Promise<number> {
  const measured = await entrant.child?.ask<Measurement>({ do: "measure", ...duration });
  return lowerQuartile(measured?.times ?? []);
}

/** Take out who computes something else than PyTorch or, without it, than the first. */
function refuseWrong(entrants: readonly Entrant[]): void {
  const present = entrants.filter(({ outcome, preparation }) => outcome.reason === undefined && preparation);
  for (const entrant of present) {
    const others = present.filter(({ task }) => task === entrant.task);
    const right = others.find(({ contender }) => contender.name.startsWith("torch")) ?? others[0];
    const wrong = disagreement(entrant.preparation?.results ?? {}, right?.preparation?.results ?? {});
    if (wrong === undefined) continue;
    entrant.outcome.reason = `refused, its result is not that of ${right?.contender.label}: ${wrong}`;
    entrant.child?.close();
  }
}

type Loops = MeasureOptions["rates"];

const emptyRates = (loops: Loops): Rates =>
  Object.fromEntries([...loops.keys()].map((engine) => [engine, [] as number[]]));

/** One more value of each. */
async function measureRates(loops: Loops, rates: Rates, watch: Watch): Promise<void> {
  for (const [engine, rate] of loops)
    rates[engine]?.push(await watch.quietly(async () => rate(rateMilliseconds)));
}

async function measureSteady(
  entrants: readonly Entrant[],
  { rounds, quick, limit, rates: loops, watch }: MeasureOptions,
): Promise<Rates> {
  const duration = quick ? shortRound : fullRound;
  const rates = emptyRates(loops);
  try {
    await Promise.all(
      entrants.map((entrant) =>
        attempt(entrant, async () => {
          await start(entrant, limit);
        }),
      ),
    );
    refuseWrong(entrants);
    for (const entrant of entrants) {
      await attempt(entrant, async () => {
        await time(entrant, warmUp);
      });
    }
    for (let round = 0; round < rounds; round += 1) {
      await measureRates(loops, rates, watch);
      for (const entrant of entrants) {
        await attempt(entrant, async () => {
          entrant.outcome.values.push(await watch.quietly(() => time(entrant, duration)));
        });
      }
    }
  } finally {
    for (const { child } of entrants) child?.close();
  }
  return rates;
}

async function measureFresh(
  entrants: readonly Entrant[],
  { rounds, quick, limit, rates: loops, watch }: MeasureOptions,
): Promise<Rates> {
  const duration = quick ? shortRound : fullRound;
  const rates = emptyRates(loops);
  for (let round = 0; round < rounds; round += 1) {
    await measureRates(loops, rates, watch);
    for (const entrant of entrants) {
      const { values, parts } = entrant.outcome;
      if ((entrant.preparation?.first ?? 0) > slow) continue;
      await attempt(entrant, async () => {
        const { first, compiling, peak, memory } = await start(entrant, limit);
        if (entrant.task.kind === "memory") {
          if (peak === undefined) throw new Error("this system does not tell the peak of a process");
          values.push(peak);
          if (memory !== undefined) parts.push(memory);
        } else {
          values.push(first - (await time(entrant, duration)));
          if (compiling !== undefined) parts.push(compiling);
        }
      });
      entrant.child?.close();
    }
    if (round === 0) refuseWrong(entrants);
  }
  return rates;
}

/** What a training shows: a bar on a terminal, plain lines elsewhere, JSON for machines; and the lines of metrics.jsonl. */

import { SingleBar } from "cli-progress";
import { briefly, type MeasureTable } from "../tasks/measures.ts";
import type { Runs } from "../tasks/task.ts";
import type { DiagnosisEvent, TrainingEvent } from "../training/loop.ts";
import { jsonLine } from "./json-line.ts";
import type { MetricsLine } from "./run-folder.ts";

export const REPORT_FORMS = ["bar", "lines", "json", "nothing"] as const;

/** "bar" on a terminal, plain "lines" elsewhere, lines of "json" for machines, or "nothing". */
export type ReportForm = (typeof REPORT_FORMS)[number];

/** What a report says beyond loss and speed. */
export interface ReportWords {
  /** What a batch has many of, such as "tokens"; default "targets", where a training says how many, else "batches". */
  readonly unit?: string | undefined;
  /** A loss in other words: "2.16 bits/character". */
  readonly lossText?: ((loss: number) => string) | undefined;
  /** How the measures of a validation are shown; default every number that it gives. */
  readonly measures?: MeasureTable | undefined;
}

/** Columns that percentage, loss, bits, speed and time left take at most on a bar. */
const WIDEST_FIGURES = 76;

/** Seconds between two lines. */
const LINE_EVERY = 1;

type Step = Extract<TrainingEvent, { event: "step" }>;

/** A mean, from the last time it was taken. */
class Mean {
  #sum = 0;
  #count = 0;
  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
  }
  get value(): number {
    return this.#sum / this.#count;
  }
  get isEmpty(): boolean {
    return this.#count === 0;
  }
  clear(): void {
    this.#sum = 0;
    this.#count = 0;
  }
}

export class Report {
  readonly #form: ReportForm;
  readonly #training: Pick<Runs, "progress" | "epochs" | "updates">;
  readonly #words: ReportWords;
  readonly #write: (line: MetricsLine) => void;
  readonly #bar: SingleBar | undefined;
  readonly #loss = new Mean();
  readonly #startedAt: { step: number; tokens: number; seconds: number };
  #lastLine = Number.NEGATIVE_INFINITY;
  #lastStep: Step | undefined;

  /** `write` gets each line of measurements. */
  constructor(
    form: ReportForm,
    training: Pick<Runs, "progress" | "epochs" | "updates">,
    words: ReportWords = {},
    write: (line: MetricsLine) => void = () => {},
  ) {
    this.#form = form;
    this.#training = training;
    this.#words = words;
    this.#write = write;
    this.#startedAt = { ...training.progress };
    if (form !== "bar") return;
    this.#bar = new SingleBar({
      format: "{bar} {percentage}%  {figures}",
      // What does not fit is cut off at the right.
      barsize: Math.max(4, Math.min(24, (process.stdout.columns ?? 80) - WIDEST_FIGURES)),
      stream: process.stdout,
      fps: 5,
      hideCursor: true,
      clearOnComplete: true,
    });
    this.#bar.start(training.updates, training.progress.step, { figures: "" });
  }

  readonly onEvent = (event: TrainingEvent): void => {
    if (event.event === "step") {
      this.#loss.add(event.loss);
      this.#lastStep = event;
      this.#bar?.update(event.step, { figures: this.#figures(event, this.#loss.value) });
      if (event.seconds - this.#lastLine >= LINE_EVERY) this.#stepLine();
      return;
    }
    this.#stepLine();
    const { event: _, improved, seconds: __, step, epoch, tokens, ...found } = event;
    this.#line({ event: "validation", step, epoch, tokens, ...found });
    const mark = improved ? "" : "  (no improvement)";
    this.#say(
      `epoch ${epoch}/${this.#training.epochs}  validation  ${briefly(found, this.#words.measures)}${mark}`,
    );
  };

  readonly onDiagnosis = ({ seconds: _, ...line }: DiagnosisEvent): void => {
    this.#stepLine();
    this.#line(line);
    if (line.event === "warning") this.#say(`warning: ${line.message}`);
  };

  /** Measurements that wait for their line are written, and the bar goes. */
  end(): void {
    this.#stepLine();
    this.#bar?.stop();
  }

  #stepLine(): void {
    const last = this.#lastStep;
    if (!last || this.#loss.isEmpty) return;
    const { step, epoch, tokens, learningRate, seconds, measures } = last;
    const loss = this.#loss.value;
    this.#loss.clear();
    this.#lastLine = seconds;
    this.#line({
      ...{ event: "step", step, epoch, tokens, loss, learningRate, seconds },
      ...(measures && { measures }),
    });
    if (this.#form === "lines") console.log(this.#figures(last, loss));
  }

  #line(line: MetricsLine & Record<string, unknown>): void {
    this.#write(line);
    if (this.#form === "json") console.log(jsonLine(line));
  }

  #say(text: string): void {
    if (this.#form === "json" || this.#form === "nothing") return;
    this.#bar?.stop();
    console.log(text);
    this.#bar?.start(this.#training.updates, this.#training.progress.step, { figures: "" });
  }

  #figures({ step, epoch, tokens, seconds }: Step, loss: number): string {
    const { epochs, updates } = this.#training;
    const { unit, lossText } = this.#words;
    const since = Math.max(seconds - this.#startedAt.seconds, 1e-3);
    const speed = (tokens - this.#startedAt.tokens) / since;
    const left = (since / (step - this.#startedAt.step)) * (updates - step);
    const position = [`epoch ${epoch}/${epochs}`, `step ${step}/${updates}`];
    const measures = [
      `loss ${loss.toFixed(3)}`,
      ...(lossText ? [lossText(loss)] : []),
      `${Math.round(speed).toLocaleString("en")} ${unit ?? (tokens === step ? "batches" : "targets")}/s`,
      `${duration(left)} left`,
    ];
    return (this.#bar ? [...measures, ...position] : [...position, ...measures]).join("  ");
  }
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

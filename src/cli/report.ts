/** What a training shows: a bar on a terminal, plain lines elsewhere, JSON for machines; and the lines of metrics.jsonl. */

import { SingleBar } from "cli-progress";
import type { LanguageModelEvent, LanguageModelTraining } from "../tasks/language-model/index.ts";
import { jsonLine, perplexityOf } from "./options.ts";
import type { MetricsLine } from "./run-folder.ts";

export type Form = "bar" | "lines" | "json";

/** Columns that percentage, loss, bits, speed and time left take at most on a bar. */
const WIDEST_FIGURES = 76;

/** Seconds between two lines. */
const LINE_EVERY = 1;

type Step = Extract<LanguageModelEvent, { event: "step" }>;

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
  readonly #form: Form;
  readonly #training: LanguageModelTraining;
  readonly #write: (line: MetricsLine) => void;
  readonly #bar: SingleBar | undefined;
  readonly #loss = new Mean();
  readonly #startedAt: { step: number; tokens: number; seconds: number };
  #lastLine = Number.NEGATIVE_INFINITY;
  #lastStep: Step | undefined;

  /** `write` gets each line of measurements. */
  constructor(form: Form, training: LanguageModelTraining, write: (line: MetricsLine) => void) {
    this.#form = form;
    this.#training = training;
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
    this.#bar.start(this.#updates, training.progress.step, { figures: "" });
  }

  readonly onEvent = (event: LanguageModelEvent): void => {
    if (event.event === "step") {
      this.#loss.add(event.loss);
      this.#lastStep = event;
      this.#bar?.update(event.step, { figures: this.#figures(event, this.#loss.value) });
      if (event.seconds - this.#lastLine >= LINE_EVERY) this.#stepLine();
      return;
    }
    this.#stepLine();
    const { step, epoch, tokens, nats, bitsPerCharacter, perplexity } = event;
    this.#line({ event: "validation", step, epoch, tokens, nats, bitsPerCharacter, perplexity });
    const mark = event.improved ? "" : "  (no improvement)";
    this.#say(
      `epoch ${epoch}/${this.#training.settings.epochs}  validation  ${nats.toFixed(4)} nats  ${bitsPerCharacter.toFixed(3)} bits/character  perplexity ${perplexityOf(nats, 2)}${mark}`,
    );
  };

  /** Measurements that wait for their line are written, and the bar goes. */
  end(): void {
    this.#stepLine();
    this.#bar?.stop();
  }

  #stepLine(): void {
    const last = this.#lastStep;
    if (!last || this.#loss.isEmpty) return;
    const { step, epoch, tokens, learningRate, seconds } = last;
    const loss = this.#loss.value;
    this.#loss.clear();
    this.#lastLine = seconds;
    this.#line({ event: "step", step, epoch, tokens, loss, learningRate, seconds });
    if (this.#form === "lines") console.log(this.#figures(last, loss));
  }

  #line(line: MetricsLine & Record<string, unknown>): void {
    this.#write(line);
    if (this.#form === "json") console.log(jsonLine(line));
  }

  #say(text: string): void {
    if (this.#form === "json") return;
    if (!this.#bar) {
      console.log(text);
      return;
    }
    this.#bar.stop();
    console.log(text);
    this.#bar.start(this.#updates, this.#training.progress.step, { figures: "" });
  }

  get #updates(): number {
    return this.#training.settings.epochs * this.#training.windows;
  }

  #figures({ step, epoch, tokens, seconds }: Step, loss: number): string {
    const { settings, tokensPerCharacter } = this.#training;
    const since = Math.max(seconds - this.#startedAt.seconds, 1e-3);
    const speed = (tokens - this.#startedAt.tokens) / since;
    const left = (since / (step - this.#startedAt.step)) * (this.#updates - step);
    const bits = ((loss / Math.LN2) * tokensPerCharacter).toFixed(2);
    const position = [`epoch ${epoch}/${settings.epochs}`, `step ${step}/${this.#updates}`];
    const measures = [
      `loss ${loss.toFixed(3)}`,
      `${bits} bits/character`,
      `${Math.round(speed).toLocaleString("en")} tokens/s`,
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

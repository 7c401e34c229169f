/** Measures of predicted spans: precision, recall and F1, in total and by label. */

import { printGiven } from "../../checks.ts";
import type { Span } from "../../data/tagged/spans.ts";
import { DataError } from "../../errors.ts";
import type { ClassScores } from "./classes.ts";

/** How many spans there are, and how well they were found: from 0 to 1, 0 where there is nothing to divide by. */
export interface SpanScores extends ClassScores {
  /** Spans that are right. */
  readonly targets: number;
  /** Spans that were predicted. */
  readonly predicted: number;
  /** Spans that are both: same label, same start, same end. */
  readonly found: number;
}

export interface SpanReport {
  /** Of all spans together (micro). */
  readonly total: SpanScores;
  /** Of each label that occurs, in the order of the alphabet. */
  readonly labels: readonly (SpanScores & { readonly label: string })[];
}

/**
 * Counts spans sentence by sentence. A predicted span is right if its label, its start and its end are; nothing counts by halves.
 *
 *     const counts = new SpanCounts();
 *     counts.add(spansOf(predictedTags, "BIO"), spansOf(tags, "BIO"));
 *     console.log(counts.report().total.f1);
 */
export class SpanCounts {
  readonly #labels = new Map<string, { targets: number; predicted: number; found: number }>();

  /**
   * A sentence.
   *
   * @param predictions the spans that were predicted; of equal ones one counts
   * @param targets the spans that are right; of equal ones one counts
   * @throws DataError for what is no list of spans
   */
  add(predictions: readonly Span[], targets: readonly Span[]): void {
    const [predicted, right] = [byKey("predictions", predictions), byKey("targets", targets)];
    for (const { label } of predicted.values()) this.#of(label).predicted += 1;
    for (const [key, { label }] of right) {
      this.#of(label).targets += 1;
      if (predicted.has(key)) this.#of(label).found += 1;
    }
  }

  report(): SpanReport {
    const names = [...this.#labels.keys()].sort();
    const total = { targets: 0, predicted: 0, found: 0 };
    for (const counts of this.#labels.values()) {
      total.targets += counts.targets;
      total.predicted += counts.predicted;
      total.found += counts.found;
    }
    return {
      total: scored(total),
      labels: names.map((label) => ({ label, ...scored(this.#of(label)) })),
    };
  }

  #of(label: string) {
    const counts = this.#labels.get(label) ?? { targets: 0, predicted: 0, found: 0 };
    this.#labels.set(label, counts);
    return counts;
  }
}

function scored(counts: { targets: number; predicted: number; found: number }): SpanScores {
  const { targets, predicted, found } = counts;
  return {
    ...counts,
    precision: ratio(found, predicted),
    recall: ratio(found, targets),
    f1: ratio(2 * found, predicted + targets),
  };
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

function byKey(name: string, spans: readonly Span[]): Map<string, Span> {
  if (!Array.isArray(spans)) {
    throw new DataError(`SpanCounts: ${name} ${printGiven(spans)} given, a list of spans expected`);
  }
  return new Map(spans.map((span) => [`${span.start} ${span.end} ${span.label}`, span]));
}

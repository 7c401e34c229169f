// Spans that were predicted, counted against those that are right.
import fc from "fast-check";
import { expect, it } from "vitest";
import { conllevalSpans, type Span, spansOf } from "../../src/data/tagged/spans.ts";
import { DataError } from "../../src/errors.ts";
import { SpanCounts } from "../../src/training/measures/spans.ts";

const span = (label: string, start: number, end: number): Span => ({ label, start, end });

it("counts what has the same label, start and end, sentence by sentence", () => {
  const counts = new SpanCounts();
  counts.add([span("LOC", 0, 2), span("PER", 3, 4)], [span("PER", 3, 4), span("LOC", 0, 1)]);
  counts.add(
    [span("PER", 0, 1), span("ORG", 2, 3)],
    [span("PER", 0, 1), span("LOC", 2, 3), span("PER", 4, 5)],
  );
  counts.add([], []);
  expect(counts.report()).toEqual({
    total: { targets: 5, predicted: 4, found: 2, precision: 2 / 4, recall: 2 / 5, f1: 4 / 9 },
    labels: [
      { label: "LOC", targets: 2, predicted: 1, found: 0, precision: 0, recall: 0, f1: 0 },
      { label: "ORG", targets: 0, predicted: 1, found: 0, precision: 0, recall: 0, f1: 0 },
      { label: "PER", targets: 3, predicted: 2, found: 2, precision: 1, recall: 2 / 3, f1: 4 / 5 },
    ],
  });
});

it("is 0 where there is nothing", () => {
  const counts = new SpanCounts();
  expect(counts.report()).toEqual({
    total: { targets: 0, predicted: 0, found: 0, precision: 0, recall: 0, f1: 0 },
    labels: [],
  });
  counts.add([], [span("X", 0, 1)]);
  expect(counts.report().total).toMatchObject({ precision: 0, recall: 0, f1: 0, targets: 1 });
});

it("counts equal spans of a sentence once, and labels whatever they are called", () => {
  const counts = new SpanCounts();
  counts.add([span("1 2", 3, 4), span("1 2", 3, 4)], [span("1 2", 3, 4), span("constructor", 0, 1)]);
  expect(counts.report().total).toMatchObject({ targets: 2, predicted: 1, found: 1 });
  expect(counts.report().labels.map(({ label }) => label)).toEqual(["1 2", "constructor"]);
});

it("turns precision and recall around where predictions and targets change places, and sums to the total", () => {
  const tags = fc.array(fc.constantFrom("O", "B-X", "I-X", "B-Y", "I-Y"), { maxLength: 10 });
  fc.assert(
    fc.property(fc.array(fc.tuple(tags, tags)), (sentences) => {
      const [there, back] = [new SpanCounts(), new SpanCounts()];
      for (const [predicted, right] of sentences) {
        const spans = [conllevalSpans(predicted), conllevalSpans(right)] as const;
        there.add(...spans);
        back.add(spans[1], spans[0]);
      }
      const { total, labels } = there.report();
      const turned = back.report().total;
      expect([turned.precision, turned.recall, turned.f1]).toEqual([total.recall, total.precision, total.f1]);
      for (const name of ["targets", "predicted", "found"] as const) {
        expect(labels.reduce((sum, one) => sum + one[name], 0)).toBe(total[name]);
      }
    }),
  );
});

it("tells strict scores from those of conlleval", () => {
  const [predicted, right] = [
    ["O", "I-X", "I-X", "O"],
    ["O", "B-X", "I-X", "O"],
  ];
  const [strict, conlleval] = [new SpanCounts(), new SpanCounts()];
  strict.add(spansOf(predicted, "BIO"), spansOf(right, "BIO"));
  conlleval.add(conllevalSpans(predicted), conllevalSpans(right));
  expect([strict.report().total.f1, conlleval.report().total.f1]).toEqual([0, 1]);
});

it("refuses what is no list", () => {
  expect(() => new SpanCounts().add([], "B-X" as never)).toThrow(
    new DataError('SpanCounts: targets "B-X" given, a list of spans expected'),
  );
});

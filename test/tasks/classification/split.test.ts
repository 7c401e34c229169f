// Which rows are held out, what labels weigh, and batches in which all labels are equally frequent.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { countLabels, countShared, splitRows } from "../../../src/tasks/classification/split.ts";
import { balancedOrder, labelWeights } from "../../../src/tasks/classification/weights.ts";
import { rows } from "./rows.ts";

const labelled = (
  given: readonly { readonly label: string; readonly text?: string; readonly group?: string }[],
) =>
  given.map(({ label, text, group }, at) => ({
    ...{ line: at + 1, place: `line ${at + 1}`, labels: [label], content: text ?? String(at) },
    ...(group !== undefined && { group }),
  }));

describe("the split", () => {
  it("holds out the same share of each label, whole rows, by the seed", () => {
    const given = labelled(rows(60).map((row, at) => ({ ...row, text: `${at} ${row.text}` })));
    const { training, validation } = splitRows(given, 0.1, 1);
    expect(countLabels(validation)).toEqual([
      ["sea", 2],
      ["town", 2],
      ["wood", 2],
    ]);
    expect([...training, ...validation].map(({ content }) => content).sort()).toEqual(
      given.map(({ content }) => content).sort(),
    );
    expect(splitRows(given, 0.1, 1)).toEqual({ training, validation });
    expect(splitRows(given, 0.1, 2).validation).not.toEqual(validation);
    expect(splitRows(given, 0, 1).validation).toEqual([]);
  });

  it("leaves every label a row to learn from", () => {
    const { training } = splitRows(
      labelled([{ label: "rare" }, { label: "rare" }, { label: "one" }]),
      0.9,
      1,
    );
    expect(countLabels(training)).toEqual([
      ["one", 1],
      ["rare", 1],
    ]);
  });

  it("keeps equal rows together, and rows of one group", () => {
    const texts = Array.from({ length: 40 }, (_, at) => ({
      label: at % 2 ? "a" : "b",
      text: `text ${at % 10}`,
    }));
    const { training, validation } = splitRows(labelled(texts), 0.3, 1);
    expect(countShared(training, validation)).toBe(0);
    expect(validation).toHaveLength(8);
    const spoken = Array.from({ length: 60 }, (_, at) => ({
      label: `l${at % 3}`,
      group: `speaker ${at % 6}`,
    }));
    const parts = splitRows(labelled(spoken), 0.34, 2);
    const groups = (part: readonly { readonly group?: string | undefined }[]) =>
      new Set(part.map(({ group }) => group));
    expect(groups(parts.validation).size).toBe(2);
    expect([...groups(parts.validation)].some((group) => groups(parts.training).has(group))).toBe(false);
    // Of groups that are all too large, the smallest.
    const few = spoken.slice(0, 57).filter(({ group }) => group > "speaker 2");
    expect(groups(splitRows(labelled(few), 0.1, 1).validation)).toEqual(new Set(["speaker 3"]));
    expect(splitRows(labelled(few), 0, 1).validation).toEqual([]);
  });

  it("tells numbers apart by their bits", () => {
    const of = (...numbers: number[]) => ({
      ...(labelled([{ label: "a" }])[0] as object),
      content: Float32Array.from(numbers),
    });
    const [one, same, other] = [of(1, 2), of(1, 2), of(2, 1)] as unknown as Parameters<typeof countShared>[0];
    expect(countShared([one as never], [same as never, other as never])).toBe(1);
  });
});

describe("weights", () => {
  const given = labelled([{ label: "ham" }, { label: "ham" }, { label: "ham" }, { label: "spam" }]);
  const labels = ["ham", "spam"];
  it("are none, balanced, or as they are named", () => {
    expect(labelWeights("none", given, { labels, several: false })).toBeUndefined();
    expect(labelWeights("balanced", given, { labels, several: false })).toEqual([4 / 6, 4 / 2]);
    expect(labelWeights("balanced", given, { labels, several: true })).toEqual([1 / 3, 3]);
    expect(labelWeights("spam=5", given, { labels, several: false })).toEqual([1, 5]);
    expect(labelWeights("a=b=2, ham=0", given, { labels: ["a=b", "ham"], several: false })).toEqual([2, 0]);
  });
  it.each(["heavy", "spam=", "spam=-1", "spam=x", "eggs=2", "spam=0,ham=0", "spam=1e300"])(
    "%s is refused",
    (weights) => {
      const read = () => labelWeights(weights, given, { labels, several: false });
      expect(read).toThrow(UsageError);
      expect(read).toThrow(`class weights ${weights}: `);
    },
  );
});

describe("balanced batches", () => {
  it("have each label equally often, and each row of a frequent one in its turn", () => {
    const given = labelled(
      Array.from({ length: 30 }, (_, at) => ({ label: at < 24 ? "many" : at < 28 ? "few" : "rare" })),
    );
    const lengths = given.map((_, at) => 1 + (at % 7));
    const order = balancedOrder(lengths, given, { batch: 4, seed: 3 });
    expect(order.count).toBe(8);
    const epoch = (at: number) =>
      Array.from({ length: order.count }, (_, batch) => [...order.at(batch, at)]).flat();
    const all = [0, 1, 2].map(epoch);
    for (const rowsOfEpoch of all) {
      expect(rowsOfEpoch).toHaveLength(30);
      const counts = countLabels(rowsOfEpoch.map((row) => given[row] as (typeof given)[number]));
      expect(counts).toEqual([
        ["few", 10],
        ["many", 10],
        ["rare", 10],
      ]);
    }
    // 24 rows in three epochs of ten: each at least once.
    expect(new Set(all.flat().filter((row) => row < 24)).size).toBe(24);
    expect(epoch(1)).toEqual(all[1]);
    expect(order.at(2, 0)).toEqual(balancedOrder(lengths, given, { batch: 4, seed: 3 }).at(2, 0));
  });
});

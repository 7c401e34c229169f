// What a training is warned of, at the edges of each rule.
import { describe, expect, it } from "vitest";
import type { Found } from "../../src/training/diagnosis/diagnosis.ts";
import { Watch } from "../../src/training/diagnosis/watch.ts";

const found = (lags: readonly number[], saturation: Readonly<Record<string, number>> = {}): Found => ({
  gradients: { "rnn.l0.h": { steps: lags.toReversed(), lags } },
  saturation: Object.fromEntries(
    Object.entries(saturation).map(([name, share]) => [
      `rnn.l0.${name}`,
      { share, kind: "sigmoid" as const },
    ]),
  ),
  weights: {},
});
const none: ReadonlySet<string> = new Set();

describe("a watch", () => {
  it("says that gradients vanish after three looks in a row, once", () => {
    const watch = new Watch({ clips: true });
    const look = (last: number) =>
      watch.look(found([1, 0.1, last]), { clipped: 0, gated: none }).map(({ kind }) => kind);
    expect([look(1e-7), look(1e-7), look(1e-5), look(1e-7), look(1e-7), look(1e-7), look(1e-9)]).toEqual([
      [],
      [],
      [],
      [],
      [],
      ["vanishing"],
      [],
    ]);
  });

  it("tells where nothing at all arrives, and keeps silent where nothing comes from the end", () => {
    const watch = new Watch({ clips: true });
    const three = (lags: readonly number[]) =>
      [1, 2, 3].flatMap(() => watch.look(found(lags), { clipped: 0, gated: new Set(["rnn.l0"]) }));
    expect(three([0, 0, 0])).toEqual([]);
    expect(three([1])).toEqual([]);
    expect(three([1, 0, 0])[0]?.message).toBe(
      'gradients vanish in rnn.l0: nothing arrives 2 steps back, so that nothing is learnt from there: try to start its gates so that they keep the state: initialize "uniform-gates", or an LSTM with lstmWith({ forgetBias: 1 }) or lstmWith({ chrono: 3 })',
    );
  });

  it("says that gradients explode where they grow backwards, which terms of every step do not", () => {
    const watch = new Watch({ clips: false });
    const look = (lags: readonly number[]) => watch.look(found(lags), { clipped: null, gated: none });
    expect([look([1, 50, 2000]), look([1, 50, 2000])]).toEqual([[], []]);
    expect(look([1, 300, 20000])).toEqual([]);
    expect(look([1, 300, 20000])).toEqual([
      {
        kind: "exploding",
        message:
          "gradients explode in rnn.l0: 2 steps back they are 2e4 times as large: try to clip their norm (clipNorm 1), or a lower learning rate",
      },
    ]);
  });

  it("says so of a norm that is a thousand times the usual", () => {
    const watch = new Watch({ clips: true });
    for (let update = 0; update < 20; update++) expect(watch.update(1, 2 + (update % 3))).toEqual([]);
    expect(watch.update(1, 2000)).toEqual([]);
    expect(watch.update(1, 4000)[0]?.message).toBe(
      "gradients explode: their norm is 4000, and it was 3 before: try a lower learning rate, or stronger clipping",
    );
    expect(watch.update(1, 9000)).toEqual([]);
    expect(watch.diverged()).toEqual([]);
  });

  it("does not call every clipped update an explosion: the loss has to rise, twice", () => {
    const watch = new Watch({ clips: true });
    const look = (loss: number, clipped: number) => {
      watch.update(loss, 2);
      return watch.look(found([1, 1]), { clipped, gated: none }).map(({ kind }) => kind);
    };
    expect([look(4, 1), look(3, 1), look(2, 1), look(2.1, 1)].flat()).toEqual([]);
    expect([look(3, 0.5), look(3, 1), look(2.1, 1), look(3, 1)].flat()).toEqual([]);
    expect(look(3, 1)).toEqual(["exploding"]);
  });

  it("calls a pass saturated where all that it squashes is", () => {
    const watch = new Watch({ clips: true });
    const three = (shares: Readonly<Record<string, number>>) =>
      [1, 2, 3].flatMap(() => watch.look(found([1, 1], shares), { clipped: 0, gated: none }));
    // A forget gate that keeps by design.
    expect(three({ f: 1, i: 1, g: 0.1, o: 0.2 })).toEqual([]);
    expect(three({})).toEqual([]);
    expect(three({ f: 1, i: 0.9, g: 0.6, o: 0.7 })[0]?.message).toMatch(
      /^units are saturated in rnn\.l0: 60 % of what they give or more/,
    );
  });
});

/** Watches over a training: a warning where its gradients vanish or explode, or its units are saturated, with what to try. */

import { type Found, lagsOfPasses, saturationOfPasses } from "./diagnosis.ts";

export type WarningKind = "vanishing" | "exploding" | "saturated";

export interface TrainingWarning {
  readonly kind: WarningKind;
  /** What was found, and what to try, in one line. */
  readonly message: string;
}

/** A gradient has vanished where its norm at the start of a row is below this share of that at the end. */
const VANISHED = 1e-6;
/** It has exploded where it is so many times that at the end: sums of what every step adds never get there. */
const EXPLODED = 1e4;
/** A norm of all gradients so many times the usual one is no batch that is merely hard. */
const OUTLIER = 1000;
/** Units are saturated where more than this share of all that a pass squashes is. */
const SATURATED = 0.5;
/** Almost all updates are clipped beyond this share. */
const CLIPPED = 0.9;
/** The loss rises where its mean is so many times the smallest one. */
const RISEN = 1.1;
/** How many looks in a row have to find it. */
const PERSISTS = { vanishing: 3, growing: 2, rising: 2, saturated: 3 } as const;

/** How many updates tell what is usual. */
const USUAL = 20;

export class Watch {
  readonly #clips: boolean;
  readonly #said = new Set<WarningKind>();
  /** How many looks in a row have found something. */
  readonly #inARow: Record<keyof typeof PERSISTS, number> = {
    vanishing: 0,
    growing: 0,
    rising: 0,
    saturated: 0,
  };
  readonly #norms: number[] = [];
  #losses: number[] = [];
  #leastLoss = Number.POSITIVE_INFINITY;

  constructor({ clips }: { readonly clips: boolean }) {
    this.#clips = clips;
  }

  /** After an update. */
  update(loss: number, gradientNorm: number): TrainingWarning[] {
    this.#losses.push(loss);
    const usual = this.#norms.length < USUAL ? Number.POSITIVE_INFINITY : median(this.#norms);
    this.#norms.push(gradientNorm);
    if (this.#norms.length > USUAL) this.#norms.shift();
    return gradientNorm > OUTLIER * usual && usual > 0
      ? this.#say(
          "exploding",
          `gradients explode: their norm is ${short(gradientNorm)}, and it was ${short(usual)} before: ${this.#against()}`,
        )
      : [];
  }

  /** After a look, and the update that it came before. */
  look(
    found: Found,
    { clipped, gated }: { readonly clipped: number | null; readonly gated: ReadonlySet<string> },
  ): TrainingWarning[] {
    return [
      ...this.#vanishing(found, gated),
      ...this.#growing(found),
      ...this.#rising(clipped),
      ...this.#saturated(found),
    ];
  }

  /** Where loss or gradients are no longer finite. */
  diverged(): TrainingWarning[] {
    return this.#say(
      "exploding",
      `gradients explode: loss or gradients are no longer finite: ${this.#against()}`,
    );
  }

  #vanishing(found: Found, gated: ReadonlySet<string>): TrainingWarning[] {
    const [pass, share, steps] = extreme(found, Math.min);
    if (!this.#persists("vanishing", share < VANISHED)) return [];
    const cure = gated.has(pass)
      ? `to start its gates so that they keep the state: initialize "uniform-gates", or an LSTM with lstmWith({ forgetBias: 1 }) or lstmWith({ chrono: ${steps} })`
      : `a gated cell (lstm, gru) with initialize "uniform-gates", or for short memories initialize "orthogonal"`;
    const figure = share === 0 ? "nothing arrives" : `${short(share)} of it arrives`;
    return this.#say(
      "vanishing",
      `gradients vanish in ${pass}: ${figure} ${steps - 1} steps back, so that nothing is learnt from there: try ${cure}`,
    );
  }

  #growing(found: Found): TrainingWarning[] {
    const [pass, share, steps] = extreme(found, Math.max);
    if (!this.#persists("growing", share > EXPLODED)) return [];
    return this.#say(
      "exploding",
      `gradients explode in ${pass}: ${steps - 1} steps back they are ${short(share)} times as large: ${this.#against()}`,
    );
  }

  #rising(clipped: number | null): TrainingWarning[] {
    const mean = this.#losses.reduce((sum, loss) => sum + loss, 0) / this.#losses.length;
    this.#losses = [];
    const rises =
      clipped !== null &&
      clipped > CLIPPED &&
      mean > this.#leastLoss + (RISEN - 1) * Math.abs(this.#leastLoss);
    this.#leastLoss = Math.min(this.#leastLoss, mean);
    if (!this.#persists("rising", rises)) return [];
    return this.#say(
      "exploding",
      `gradients explode: ${Math.round(100 * (clipped ?? 0))} % of the updates are clipped, and the loss rises: ${this.#against()}`,
    );
  }

  #saturated(found: Found): TrainingWarning[] {
    const least = Object.entries(saturationOfPasses(found)).map(
      ([pass, shares]) => [pass, Math.min(...Object.values(shares))] as const,
    );
    const [pass, share] = least.reduce((worst, one) => (one[1] > worst[1] ? one : worst), ["", 0] as const);
    if (!this.#persists("saturated", share > SATURATED)) return [];
    return this.#say(
      "saturated",
      `units are saturated in ${pass}: ${Math.round(100 * share)} % of what they give or more, and there they hardly learn: try inputs of scale 1, a lower learning rate, smaller starting weights, or a cell with layer normalisation`,
    );
  }

  #against(): string {
    return this.#clips
      ? "try a lower learning rate, or stronger clipping"
      : "try to clip their norm (clipNorm 1), or a lower learning rate";
  }

  #persists(what: keyof typeof PERSISTS, isSo: boolean): boolean {
    this.#inARow[what] = isSo ? this.#inARow[what] + 1 : 0;
    return this.#inARow[what] >= PERSISTS[what];
  }

  /** Each kind is said once. */
  #say(kind: WarningKind, message: string): TrainingWarning[] {
    if (this.#said.has(kind)) return [];
    this.#said.add(kind);
    return [{ kind, message }];
  }
}

/** The pass whose gradient at the start of rows is the smallest or largest share of that at their end, this share, and the steps. */
function extreme(
  found: Found,
  choose: (a: number, b: number) => number,
): readonly [pass: string, share: number, steps: number] {
  const shares = Object.entries(lagsOfPasses(found)).flatMap(([pass, lags]) => {
    const [end, start] = [lags[0] as number, lags.at(-1) as number];
    return lags.length > 1 && end > 0 ? [[pass, start / end, lags.length] as const] : [];
  });
  if (shares.length === 0) return ["", Number.NaN, 0];
  return shares.reduce((worst, one) => (choose(one[1], worst[1]) === one[1] ? one : worst));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

const short = (value: number) =>
  value >= 0.01 && value < 1e4
    ? String(Number(value.toPrecision(3)))
    : value.toExponential(0).replace("e+", "e");

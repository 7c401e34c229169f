/** The fixed matrices of features of sound, row-major, computed with the same bits on every platform. */
import { UsageError } from "../../errors.ts";
import { cosine, exponential, logarithm, sine } from "../../nn/portable.ts";

/** A matrix as rows. */
export type Matrix = readonly (readonly number[])[];

/** The least power of two that holds the window: over so many points goes the Fourier transform. */
export function transformSize(window: number): number {
  let size = 2;
  while (size < window) size *= 2;
  return size;
}

/**
 * Two matrices of (window, size / 2 + 1): a frame times the first is the real part of the Fourier transform of the frame times
 * Hann's window, a frame times the second the imaginary part with the other sign.
 */
export function fourierMatrices(window: number): { readonly cosines: Matrix; readonly sines: Matrix } {
  const size = transformSize(window);
  const turns = Array.from({ length: size }, (_, at) => (2 * Math.PI * at) / size);
  const [cosinesOf, sinesOf] = [turns.map(cosine), turns.map(sine)];
  const rows = (table: readonly number[]) =>
    Array.from({ length: window }, (_, n) => {
      const weight = 0.5 - 0.5 * cosine((2 * Math.PI * n) / window);
      return Array.from({ length: size / 2 + 1 }, (_, k) => weight * (table[(n * k) % size] as number));
    });
  return { cosines: rows(cosinesOf), sines: rows(sinesOf) };
}

/** Mels of a frequency: 2595 log10(1 + f / 700). */
const melsOf = (hertz: number) => (2595 / Math.LN10) * logarithm(1 + hertz / 700);
const hertzOf = (mels: number) => 700 * (exponential((mels * Math.LN10) / 2595) - 1);

/**
 * The filters (size / 2 + 1, mels): triangles over frequencies, of height 1, whose corners are as many mels apart.
 *
 * @throws UsageError where a filter is so narrow that it lies between two frequencies of the transform
 */
export function melFilters(of: {
  readonly rate: number;
  readonly size: number;
  readonly mels: number;
  readonly lowest: number;
  readonly highest: number;
}): Matrix {
  const { rate, size, mels } = of;
  const [low, high] = [melsOf(of.lowest), melsOf(of.highest)];
  const corners = Array.from({ length: mels + 2 }, (_, at) =>
    hertzOf(low + ((high - low) * at) / (mels + 1)),
  );
  const filters = Array.from({ length: size / 2 + 1 }, (_, k) => {
    const hertz = (k * rate) / size;
    return Array.from({ length: mels }, (_, mel) => {
      const [left, middle, right] = corners.slice(mel, mel + 3) as [number, number, number];
      return Math.max(0, Math.min((hertz - left) / (middle - left), (right - hertz) / (right - middle)));
    });
  });
  const empty = corners.slice(0, mels).findIndex((_, mel) => filters.every((row) => row[mel] === 0));
  if (empty < 0) return filters;
  const [from, to] = [corners[empty], corners[empty + 2]].map((hertz) => (hertz as number).toFixed(1));
  const lies = `filter ${empty}, from ${from} to ${to} Hz, has none of the frequencies, ${rate / size} Hz apart`;
  throw new UsageError(`soundFeatures: mels ${mels} given: ${lies}: fewer mels or a longer window expected`);
}

/** The orthonormal DCT-II (mels, coefficients). */
export function cosineTransform(mels: number, coefficients: number): Matrix {
  return Array.from({ length: mels }, (_, mel) =>
    Array.from({ length: coefficients }, (_, k) => {
      const scale = Math.sqrt((k === 0 ? 1 : 2) / mels);
      return scale * cosine((Math.PI * k * (2 * mel + 1)) / (2 * mels));
    }),
  );
}

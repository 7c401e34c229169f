/**
 * Features of sound, for networks to hear: log-mel spectra and MFCC, by one compiled program over frames, so that a file and a
 * microphone, Node and a browser have the same bits. Davis and Mermelstein, "Comparison of parametric representations for
 * monosyllabic word recognition in continuously spoken sentences", 1980; the mels: O'Shaughnessy, "Speech communication", 1987.
 */
import type { Value } from "../../backends/backend.ts";
import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import { compile, float32 } from "../../program/compile.ts";
import { constantTensor } from "../../trace/constant-tensor.ts";
import type { Tensor } from "../../trace/tensor.ts";
import {
  cosineTransform,
  fourierMatrices,
  type Matrix,
  melFilters,
  transformSize,
} from "./feature-matrices.ts";
import { completeReading, readingNames, type SoundFeatureKind, type SoundReadingOptions } from "./reading.ts";
import { checkSamples } from "./samples.ts";

export interface SoundFeaturesOptions extends SoundReadingOptions {
  /** Default: WebAssembly. */
  readonly backend?: BackendChoice | undefined;
}

export interface SoundFeatures {
  readonly kind: SoundFeatureKind;
  /** How many numbers a frame has. */
  readonly size: number;
  /** The length of a frame in samples. */
  readonly window: number;
  /** From the start of a frame to the next one's in samples. */
  readonly hop: number;
  /**
   * The features of all whole frames: 1 + floor((samples - window) / hop) of them, or none. `values` is (steps, size), row-major.
   *
   * @throws UsageError for what is no Float32Array
   * @throws DataError for a sample that is not finite or beyond 2^40
   */
  of(samples: Float32Array): { readonly steps: number; readonly values: Float32Array };
  /** The same features, to the bit, of samples that come in pieces. */
  stream(): SoundFeatureStream;
}

export interface SoundFeatureStream {
  /**
   * More samples: the features of the frames that they complete, (frames, size), row-major. Throws as `of`; after an error it is
   * as it was before.
   */
  push(samples: Float32Array): Float32Array;
}

/** Powers below count as this one: about the rounding of 16-bit samples. */
const FLOOR = 1e-10;
/** So many frames are computed at once, at most. */
const FRAMES = 256;
/**
 * What computes features of sound. Frame t has the samples x[n], n from 0 to N - 1, from t hop on; nothing is padded at the
 * ends. Over K points, the least power of two from N,
 *
 *     X[k] = sum_n w[n] x[n] exp(-2 pi i k n / K),  w[n] = 0.5 - 0.5 cos(2 pi n / N)
 *     E[m] = sum_k F[m, k] |X[k]|^2,  k from 0 to K / 2
 *     log-mel[m] = ln max(E[m], 1e-10)
 *     mfcc[c] = s[c] sum_m log-mel[m] cos(pi c (2 m + 1) / (2 M)),  s[0] = sqrt(1 / M), s[c] = sqrt(2 / M)
 *
 * where F[m] is a triangle over frequencies k rate / K of height 1, from corner m over corner m + 1 to corner m + 2; the M + 2
 * corners stand evenly from `lowest` to `highest` in mels, 2595 log10(1 + f / 700).
 *
 *     const features = soundFeatures({ rate: 16000 });
 *     const { steps, values } = features.of(samples);
 *
 * @throws UsageError for options that are none, and for more mels than the window can tell apart
 */
export function soundFeatures(options: SoundFeaturesOptions): SoundFeatures {
  checkOptions("soundFeatures", options, { ...readingNames, backend: true });
  const reading = completeReading("soundFeatures", options);
  const { backend } = options;
  const { rate, kind, mels, coefficients = 0, lowest, highest } = reading;
  const window = Math.round(reading.window * rate);
  const hop = Math.round(reading.hop * rate);
  const { cosines, sines } = fourierMatrices(window);
  const filters = melFilters({ rate, size: transformSize(window), mels, lowest, highest });
  const [real, imaginary, bank] = [
    constant("cosines", cosines),
    constant("sines", sines),
    constant("mel filters", filters),
  ];
  const transform = kind === "mfcc" && constant("cosine transform", cosineTransform(mels, coefficients));
  const program = compile(
    (frames) => {
      const power = frames.dot(real).square().add(frames.dot(imaginary).square());
      const logarithms = power.dot(bank).maximum(FLOOR).log();
      return transform ? logarithms.dot(transform) : logarithms;
    },
    { inputs: float32("T", window), ...(backend && { backend }) },
  );
  const size = transform ? coefficients : mels;
  const stepsOf = (count: number) => (count < window ? 0 : 1 + Math.floor((count - window) / hop));
  const framesOf = (samples: Float32Array) => {
    const values = new Float32Array(stepsOf(samples.length) * size);
    const steps = stepsOf(samples.length);
    for (let from = 0; from < steps; from += FRAMES) {
      const count = Math.min(FRAMES, steps - from);
      const data = new Float32Array(count * window);
      for (let step = 0; step < count; step++) {
        const start = (from + step) * hop;
        data.set(samples.subarray(start, start + window), step * window);
      }
      const result = program({ data, shape: [count, window] }) as Value;
      values.set(result.data, from * size);
    }
    return { steps, values };
  };
  return {
    kind,
    size,
    window,
    hop,
    of(samples) {
      checkSamples("features of sound", samples);
      return framesOf(samples);
    },
    stream() {
      let pending = new Float32Array(0);
      // How many samples go by before the next frame starts, where frames leave some out.
      let skipped = 0;
      let before = 0;
      return {
        push(samples) {
          checkSamples("features of sound", samples, before);
          const dropped = Math.min(skipped, samples.length);
          const all = new Float32Array(pending.length + samples.length - dropped);
          all.set(pending);
          all.set(samples.subarray(dropped), pending.length);
          const { steps, values } = framesOf(all);
          const next = steps * hop;
          pending = all.slice(next);
          skipped += Math.max(0, next - all.length) - dropped;
          before += samples.length;
          return values;
        },
      };
    },
  };
}

function constant(name: string, rows: Matrix): Tensor {
  return constantTensor(name, rows.flat(), [rows.length, rows[0]?.length ?? 0]);
}

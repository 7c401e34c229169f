/**
 * From recordings to features, in the same way for all of them: a file, samples of a program, a microphone. First to the rate of
 * the reading, then to frames.
 */
import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import { type SoundFeatures, soundFeatures } from "./features.ts";
import type { SoundReading } from "./reading.ts";
import { checkRecording, type Recording } from "./recording.ts";
import { resample, resampleStream } from "./resample.ts";

export interface SoundReaderOptions {
  /** Default: WebAssembly. */
  readonly backend?: BackendChoice | undefined;
}

/** Samples that come in pieces, as features. */
export interface SoundReaderStream {
  /**
   * More samples: the features of the frames that they complete, (frames, size), row-major. After an error it is as it was before.
   *
   * @throws UsageError for what is no Float32Array, and after the end
   * @throws DataError for a sample that is not finite or beyond 2^40
   */
  push(samples: Float32Array): Float32Array;
  /** The features of the last frames: no samples follow. */
  end(): Float32Array;
}

/**
 * Reads recordings of any rate to features. A frame is whole, and what is left over at the end of a recording counts for nothing;
 * but a recording that is shorter than a frame is one frame, filled up with silence, so that each has a step. One without
 * samples is a frame of silence.
 *
 *     const reader = new SoundReader(soundReading({ rate: 16000 }));
 *     const { steps, values } = reader.read(await readRecording(source));
 *
 * @throws UsageError for a reading that is none, and for more mels than its frames can tell apart
 */
export class SoundReader {
  readonly reading: SoundReading;
  readonly #features: SoundFeatures;

  constructor(reading: SoundReading, options: SoundReaderOptions = {}) {
    checkOptions("SoundReader", options, { backend: true });
    const { backend } = options;
    this.reading = reading;
    this.#features = soundFeatures({ ...reading, ...(backend && { backend }) });
  }

  /** How many numbers a frame has. */
  get size(): number {
    return this.#features.size;
  }

  /** The length of a frame, in samples at the rate of the reading. */
  get window(): number {
    return this.#features.window;
  }

  /** From the start of a frame to the next one's, in samples at the rate of the reading. */
  get hop(): number {
    return this.#features.hop;
  }

  /**
   * The features of a recording: (steps, size), row-major, of one step or more.
   *
   * @param where what messages call it
   * @throws UsageError for samples that are no Float32Array and a rate that is none
   * @throws DataError for a sample that is not finite or beyond 2^40
   */
  read(recording: Recording, where = "recording"): { readonly steps: number; readonly values: Float32Array } {
    checkRecording(where, recording);
    const samples = resample(recording.samples, recording.rate, this.reading.rate);
    if (samples.length >= this.window) return this.#features.of(samples);
    const frame = new Float32Array(this.window);
    frame.set(samples);
    return this.#features.of(frame);
  }

  /** The same features, to the bit, of samples that come in pieces of any size. Throws UsageError for a rate that is none. */
  stream(rate: number): SoundReaderStream {
    const resampled = resampleStream(rate, this.reading.rate);
    const frames = this.#features.stream();
    let count = 0;
    const push = (samples: Float32Array) => {
      count += samples.length;
      return frames.push(samples);
    };
    return {
      push: (samples) => push(resampled.push(samples)),
      end: () => {
        const last = push(resampled.end());
        return count >= this.window ? last : push(new Float32Array(this.window - count));
      },
    };
  }
}

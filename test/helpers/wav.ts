/** Recordings for tests: the bytes of WAV files of 16 bits, and tones with some noise. */

import { randomSource } from "../../src/nn/random.ts";

/** A WAV file of channels at a rate; samples from -1 to 1. */
export function wavBytes(channels: readonly Float32Array[], rate: number): Uint8Array<ArrayBuffer> {
  const [count, frames] = [channels.length, channels[0]?.length ?? 0];
  const bytes = new Uint8Array(44 + 2 * count * frames);
  const view = new DataView(bytes.buffer);
  const letters = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  letters(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, count, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * count * rate, true);
  view.setUint16(32, 2 * count, true);
  view.setUint16(34, 16, true);
  letters(36, "data");
  view.setUint32(40, 2 * count * frames, true);
  channels.forEach((samples, channel) => {
    samples.forEach((sample, frame) => {
      view.setInt16(44 + 2 * (frame * count + channel), Math.round(sample * 32767), true);
    });
  });
  return bytes;
}

/** Some seconds of a tone in a little noise; 0 Hz is noise alone. */
export function tone(hertz: number, seconds: number, { rate = 8000, seed = 1 } = {}): Float32Array {
  const random = randomSource(seed, `tone of ${hertz}`);
  const loud = 0.2 + 0.3 * random.uniform();
  return Float32Array.from({ length: Math.round(seconds * rate) }, (_, at) => {
    const noise = 0.01 * (random.uniform() - 0.5);
    return noise + (hertz > 0 ? loud * Math.sin((2 * Math.PI * hertz * at) / rate) : 0);
  });
}

/** One channel of several. */
import type { Sound } from "./wav.ts";

/** The mean of the channels of a sound, sample by sample. */
export function mono({ channels }: Sound): Float32Array {
  const count = channels.length;
  return Float32Array.from(channels[0] ?? [], (_, step) => {
    let sum = 0;
    for (const samples of channels) sum += samples[step] as number;
    return sum / count;
  });
}

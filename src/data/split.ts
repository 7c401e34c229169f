/** Holds the end of a text or of a stream of tokens back for validation. Never shuffles: order is what a sequence is. */
import { DataError, UsageError } from "../errors.ts";
import { counted } from "./text.ts";

export interface Split<Data> {
  training: Data;
  validation: Data;
}

/**
 * The last `fraction` of `data` (rounded up) for validation, the rest for training. 0 holds nothing back. Text is never cut inside a
 * code point; tokens are views of the same memory.
 *
 * @throws UsageError unless 0 <= fraction < 1
 * @throws DataError when either part would hold nothing though fraction is above 0
 */
export function splitForValidation<Data extends string | Int32Array>(
  data: Data,
  fraction: number,
): Split<Data> {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new UsageError(`validation ${fraction}: expected a fraction from 0 to below 1`);
  }
  let border = data.length - Math.ceil(data.length * fraction);
  if (typeof data === "string" && /^[\uDC00-\uDFFF]/.test(data.slice(border, border + 1))) border--;
  if (fraction > 0 && (border <= 0 || border >= data.length)) {
    const unit = typeof data === "string" ? "character" : "token";
    throw new DataError(
      `the text has ${counted(data.length, unit)}: too few to hold a fraction of ${fraction} back`,
    );
  }
  const part = (from: number, to: number) =>
    (typeof data === "string" ? data.slice(from, to) : data.subarray(from, to)) as Data;
  return { training: part(0, border), validation: part(border, data.length) };
}

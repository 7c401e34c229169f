/** Holds the end of a text or of a stream of tokens back for validation. Never shuffles: order is what a sequence is. */
import { DataError, UsageError } from "../errors.ts";
import { counted } from "./text.ts";

export interface Split<Data> {
  training: Data;
  validation: Data;
}

/**
 * The end of `data` for validation, the rest for training: `amount` is a fraction below 1 (rounded up), or how many characters
 * (code points) or tokens it is. 0 holds nothing back. Text is never cut inside a code point; tokens are views of the same memory.
 *
 * @throws UsageError unless amount is a fraction or a whole number from 0
 * @throws DataError when either part would hold nothing though amount is above 0
 */
export function splitForValidation<Data extends string | Int32Array>(
  data: Data,
  amount: number,
): Split<Data> {
  checkHeldOut(amount);
  let border = data.length - (amount < 1 ? Math.ceil(data.length * amount) : unitsOfEnd(data, amount));
  if (typeof data === "string" && /^[\uDC00-\uDFFF]/.test(data.slice(border, border + 1))) border--;
  if (amount > 0 && (border <= 0 || border >= data.length)) {
    const unit = typeof data === "string" ? "character" : "token";
    throw new DataError(
      `the text has ${counted(data.length, unit)}: too few to hold ${amount < 1 ? "a fraction of " : ""}${amount} back`,
    );
  }
  const part = (from: number, to: number) =>
    (typeof data === "string" ? data.slice(from, to) : data.subarray(from, to)) as Data;
  return { training: part(0, border), validation: part(border, data.length) };
}

/** Throws UsageError unless `amount` says how much of a text can be held out: a fraction below 1, or a whole number. */
export function checkHeldOut(amount: number): void {
  if (Number.isFinite(amount) && amount >= 0 && (amount < 1 || Number.isSafeInteger(amount))) return;
  throw new UsageError(
    `validation ${amount}: expected a fraction from 0 to below 1, or a whole number of characters`,
  );
}

/** Elements of the array, or UTF-16 units of the string, that the last `amount` take. */
function unitsOfEnd(data: string | Int32Array, amount: number): number {
  if (typeof data !== "string") return amount;
  let units = 0;
  for (let taken = 0; taken < amount && units <= data.length; taken++) {
    units += /^[\uDC00-\uDFFF]/.test(data.charAt(data.length - units - 1)) ? 2 : 1;
  }
  return units;
}

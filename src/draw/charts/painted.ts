/** Colours of terminals. */

/** Text in a colour. */
export function painted(text: string, code: string, color: boolean): string {
  return color && text !== "" ? `\u001b[${code}m${text}\u001b[39m` : text;
}

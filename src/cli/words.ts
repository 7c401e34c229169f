/** The words of the command line before they are parsed: which options there are depends on some of them. */

/** The word that a flag is given: `--task NAME` or `--task=NAME`. */
export function wordAfter(words: readonly string[], flag: string): string | undefined {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  const joined = own.find((word) => word.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const at = own.indexOf(flag);
  return at < 0 ? undefined : own[at + 1];
}

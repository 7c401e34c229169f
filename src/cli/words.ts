/** The words of the command line before they are parsed: which options there are depends on some of them. */

/** The word that a flag is given: `--task NAME` or `--task=NAME`; the last of several counts. */
export function wordAfter(words: readonly string[], flag: string): string | undefined {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  const at = own.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return own[at] === flag ? own[at + 1] : own[at]?.slice(flag.length + 1);
}

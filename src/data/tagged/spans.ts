/**
 * Tags of tokens, such as B-PER, I-PER and O, and the spans that they say: names, phrases. There are two ways to read them.
 * `spansOf` is strict: it takes what follows a scheme. `conllevalSpans` takes whatever there is, by the rules of the script that
 * shared tasks are scored with.
 */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";

/** A part of a sentence that has a label: the tokens from `start` to before `end`, counted from 0. */
export interface Span {
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

export const TAG_SCHEMES = ["IO", "IOB1", "BIO", "BIOES", "BILOU"] as const;
/**
 * What the tags of a span of tokens are. Everything else is O.
 *
 * - `IO`: I everywhere, so that two spans of one label that touch are one.
 * - `IOB1`: I, but B on the first token of a span that touches one of the same label.
 * - `BIO` (IOB2): B on the first token, I on the others.
 * - `BIOES` (IOBES): B, I, and E on the last one; S on the only one.
 * - `BILOU`: as BIOES, with L for E and U for S.
 */
export type TagScheme = (typeof TAG_SCHEMES)[number];

/** What a tag says of its token: outside, first, inside, last, the only one. */
export type Role = "O" | "B" | "I" | "E" | "S";

const ROLES: Readonly<Record<TagScheme, Readonly<Record<string, Role>>>> = {
  IO: { O: "O", I: "I" },
  IOB1: { O: "O", I: "I", B: "B" },
  BIO: { O: "O", B: "B", I: "I" },
  BIOES: { O: "O", B: "B", I: "I", E: "E", S: "S" },
  BILOU: { O: "O", B: "B", I: "I", L: "E", U: "S" },
};

/**
 * The two parts of a tag: what stands before its first hyphen and what stands after it, so that a label may have hyphens of its
 * own. A tag without one is a prefix alone: `O`, or `B` of spans without labels.
 */
export function splitTag(tag: string): { prefix: string; label: string } {
  const hyphen = tag.indexOf("-");
  if (hyphen < 0) return { prefix: tag, label: "" };
  return { prefix: tag.slice(0, hyphen), label: tag.slice(hyphen + 1) };
}

/** The tag of a role and a label in a scheme, which has that role. */
export function tagOfRole(role: Role, label: string, scheme: TagScheme): string {
  const prefix = scheme === "BILOU" && role === "E" ? "L" : scheme === "BILOU" && role === "S" ? "U" : role;
  return role === "O" || label === "" ? prefix : `${prefix}-${label}`;
}

/** What a tag says in a scheme; undefined for one that the scheme does not have. */
export function roleOfTag(tag: string, scheme: TagScheme): { role: Role; label: string } | undefined {
  const { prefix, label } = splitTag(tag);
  const role = Object.hasOwn(ROLES[scheme], prefix) ? ROLES[scheme][prefix] : undefined;
  return role === undefined || (role === "O" && tag !== "O") ? undefined : { role, label };
}

/** Throws UsageError for what is none of the schemes. */
export function checkScheme(scheme: TagScheme): void {
  if (TAG_SCHEMES.includes(scheme)) return;
  throw new UsageError(`scheme ${printGiven(scheme)} is unknown: expected ${TAG_SCHEMES.join(", ")}`);
}

/** Throws UsageError for what are no tags: a text that was not split, say. */
export function checkTags(tags: readonly string[]): void {
  const wrong = Array.isArray(tags) ? tags.findIndex((tag) => typeof tag !== "string") : undefined;
  if (wrong === -1) return;
  const given = printGiven(wrong === undefined ? tags : tags[wrong]);
  throw new UsageError(`tags: ${given} given, a list of texts expected`);
}

/** Tokens that belong together by their tags, and what of the scheme they break: nothing where it is a span. */
export interface Chunk extends Span {
  /** It starts with a tag that goes on with a span, where there is none. */
  readonly startsWrong: boolean;
  /** It does not end with the tag of an end. */
  readonly endsWrong: boolean;
}

/**
 * The chunks of tags in their order. A chunk goes on with I and E (L) of the same label and ends with E (L) and S (U); all else
 * starts one. Tags that the scheme does not have are as O.
 */
export function chunksOf(tags: readonly string[], scheme: TagScheme): Chunk[] {
  checkTags(tags);
  checkScheme(scheme);
  const chunks: Chunk[] = [];
  const hasEnds = scheme === "BIOES" || scheme === "BILOU";
  let first: { label: string; start: number; startsWrong: boolean } | undefined;
  let before: { role: Role; label: string } = { role: "O", label: "" };
  const close = (end: number, role: Role) => {
    if (first === undefined) return;
    chunks.push({ ...first, end, endsWrong: hasEnds && role !== "E" && role !== "S" });
    first = undefined;
  };
  for (const [at, tag] of tags.entries()) {
    const now = roleOfTag(tag, scheme) ?? { role: "O", label: "" };
    const isOpen = first?.label === now.label && (before.role === "B" || before.role === "I");
    const goesOn = isOpen && (now.role === "I" || now.role === "E");
    if (!goesOn) {
      close(at, before.role);
      const touches = before.role !== "O" && before.label === now.label;
      if (now.role !== "O") {
        first = { label: now.label, start: at, startsWrong: !mayStart(now.role, touches, scheme) };
      }
    }
    before = now;
  }
  close(tags.length, before.role);
  return chunks;
}

/** Whether a chunk may start with a role; `touches`: right after a chunk of the same label. */
function mayStart(role: Role, touches: boolean, scheme: TagScheme): boolean {
  if (scheme === "IO") return true;
  if (scheme === "IOB1") return role === "I" || touches;
  return role === "B" || role === "S";
}

/**
 * The spans of tags that follow a scheme, strictly: what breaks it is no span. In BIO `I-PER` after `O` or `B-ORG` belongs to none; in
 * BIOES neither does `B-PER` without `E-PER`; in IOB1 neither does `B-PER` that does not touch a span of PER.
 *
 * @throws UsageError for an unknown scheme, and what is no list of texts
 */
export function spansOf(tags: readonly string[], scheme: TagScheme): Span[] {
  return chunksOf(tags, scheme)
    .filter(({ startsWrong, endsWrong }) => !startsWrong && !endsWrong)
    .map(({ label, start, end }) => ({ label, start, end }));
}

/** Pairs of prefixes, of a token and the next one, between which a chunk ends, whatever their labels. */
const ENDS = new Set(["B B", "B O", "I B", "I O", "E E", "E I", "E O"]);
/** Pairs between which one starts. */
const STARTS = new Set(["B B", "I B", "O B", "O I", "E E", "E I", "O E"]);

/**
 * The spans of tags by the rules of conlleval.pl, version of 2004-01-26 (Tjong Kim Sang and Buchholz, "Introduction to the
 * CoNLL-2000 shared task: chunking"), which accepts any sequence. Between a token and the next
 *
 * - a chunk ends: B before B and O; I before B and O; E before E, I and O; before another label, unless the prefix was O or `.`; after
 *   `[` and `]`;
 * - a chunk starts: B after B, I and O; I after E and O; E after E and O; with another label, unless the prefix is O or `.`; with `[` and
 *   `]`.
 *
 * Before and after the sentence stands O, without a label. S, L and U are nothing to the script: two spans of one label that touch are
 * one where the second starts with S or U, or B after E, S, L or U; convert such tags to BIO first (`convertTags`) for what most
 * people mean. What no scheme has, such as `]` after I, or `O` after S without a label, can leave a chunk open: it ends here where the
 * next one starts, or the sentence; the script would count it as found and never as right.
 *
 * @throws UsageError for what is no list of texts
 */
export function conllevalSpans(tags: readonly string[]): Span[] {
  checkTags(tags);
  const spans: Span[] = [];
  let open: { label: string; start: number } | undefined;
  let before = splitTag("O");
  for (let at = 0; at <= tags.length; at++) {
    const now = splitTag(tags[at] ?? "O");
    const starts = startsChunk(before, now);
    if (open !== undefined && (starts || at === tags.length || endsChunk(before, now))) {
      spans.push({ ...open, end: at });
      open = undefined;
    }
    if (starts) open = { label: now.label, start: at };
    before = now;
  }
  return spans;
}

type SplitTag = ReturnType<typeof splitTag>;

function endsChunk(before: SplitTag, now: SplitTag): boolean {
  if (ENDS.has(`${before.prefix} ${now.prefix}`)) return true;
  if (before.prefix !== "O" && before.prefix !== "." && before.label !== now.label) return true;
  return before.prefix === "[" || before.prefix === "]";
}

function startsChunk(before: SplitTag, now: SplitTag): boolean {
  if (STARTS.has(`${before.prefix} ${now.prefix}`)) return true;
  if (now.prefix !== "O" && now.prefix !== "." && before.label !== now.label) return true;
  return now.prefix === "[" || now.prefix === "]";
}

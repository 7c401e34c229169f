/** Schemes of tags: which one a corpus has, what breaks it, from one to another, and what may follow what. */

import { printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import {
  checkScheme,
  checkTags,
  chunksOf,
  type Role,
  roleOfTag,
  type Span,
  splitTag,
  type TagScheme,
  tagOfRole,
} from "./spans.ts";

/** Something that breaks a scheme. */
export interface TagFault {
  /** The token, from 0. */
  readonly at: number;
  readonly tag: string;
  readonly reason: string;
}

export const TAG_REPAIRS = ["start", "drop", "error"] as const;
/**
 * What becomes of tags that break their scheme.
 *
 * - `start`: a tag that goes on with a span where there is none starts one; a span without its end ends with its last token.
 * - `drop`: the tokens of such a span are outside.
 * - `error`: they are refused.
 */
export type TagRepair = (typeof TAG_REPAIRS)[number];

/**
 * The scheme of sentences of tags; undefined where they are not tags of spans: one has another prefix than O, B, I, E, S, L and
 * U, as parts of speech do, all are O, or E and S stand beside L and U. With B, I and O alone it is the one of BIO and IOB1 that
 * fewer tags break, and BIO where as many do.
 */
export function findScheme(sentences: Iterable<readonly string[]>): TagScheme | undefined {
  const prefixes = new Set<string>();
  let [breakBio, breakIob1] = [0, 0];
  for (const tags of sentences) {
    checkTags(tags);
    let before = splitTag("O");
    for (const tag of tags) {
      const now = splitTag(tag);
      if (!/^(?:O$|[BIESLU](?:-|$))/.test(tag)) return undefined;
      prefixes.add(now.prefix);
      const touches = before.prefix !== "O" && before.label === now.label;
      if (now.prefix === "I" && !touches) breakBio += 1;
      if (now.prefix === "B" && !touches) breakIob1 += 1;
      before = now;
    }
  }
  const [hasBioes, hasBilou] = ["ES", "LU"].map((ends) => [...ends].some((end) => prefixes.has(end)));
  if (hasBioes || hasBilou) return hasBioes && hasBilou ? undefined : hasBioes ? "BIOES" : "BILOU";
  if (prefixes.has("B")) return breakBio <= breakIob1 ? "BIO" : "IOB1";
  return prefixes.has("I") ? "IO" : undefined;
}

/** All that breaks a scheme in the tags of a sentence, in the order of the tokens. */
export function tagFaults(tags: readonly string[], scheme: TagScheme): TagFault[] {
  const chunks = chunksOf(tags, scheme);
  const faults: TagFault[] = [];
  const add = (at: number, reason: string) => faults.push({ at, tag: tags[at] as string, reason });
  for (const [at, tag] of tags.entries()) {
    if (roleOfTag(tag, scheme) === undefined) add(at, `no tag of ${scheme}`);
  }
  for (const { label, start, end, startsWrong, endsWrong } of chunks) {
    const named = label === "" ? "span" : `span of ${label}`;
    if (startsWrong) add(start, `no ${named} before it`);
    if (endsWrong) add(end - 1, `its ${named} ends without ${scheme === "BIOES" ? "E or S" : "L or U"}`);
  }
  return faults.sort((a, b) => a.at - b.at);
}

/**
 * The tags of a sentence as its scheme has them, and what broke it. `start` and `drop` as `TagRepair` says; a tag that the scheme
 * does not have is O with both.
 *
 * @throws UsageError for an unknown repair or scheme, and what is no list of texts
 */
export function repairTags(
  tags: readonly string[],
  scheme: TagScheme,
  repair: Exclude<TagRepair, "error">,
): { tags: string[]; faults: TagFault[] } {
  if (repair !== "start" && repair !== "drop") {
    throw new UsageError(`repairTags: repair ${printGiven(repair)} is unknown: expected start, drop`);
  }
  const faults = tagFaults(tags, scheme);
  if (faults.length === 0) return { tags: [...tags], faults };
  const kept = chunksOf(tags, scheme).filter(
    ({ startsWrong, endsWrong }) => repair === "start" || (!startsWrong && !endsWrong),
  );
  return { tags: tagsOfSpans(kept, tags.length, scheme), faults };
}

/**
 * The same spans in another scheme. Two of one label that touch become one in IO.
 *
 * @throws DataError for tags that break the scheme they are said to have; `repairTags` repairs them
 */
export function convertTags(tags: readonly string[], from: TagScheme, to: TagScheme): string[] {
  const [fault] = tagFaults(tags, from);
  if (fault !== undefined) {
    throw new DataError(
      `convertTags: ${printGiven(fault.tag)} given at ${fault.at}: ${fault.reason}: tags of ${from} expected`,
    );
  }
  return tagsOfSpans(chunksOf(tags, from), tags.length, to);
}

/**
 * The tags of a sentence of `length` tokens with some spans, in any order.
 *
 * @throws DataError for spans that overlap, have no token, or are not within the sentence
 */
export function tagsOfSpans(spans: readonly Span[], length: number, scheme: TagScheme): string[] {
  checkScheme(scheme);
  const tags = Array<string>(length).fill("O");
  let before: Span | undefined;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const { label, start, end } = span;
    const isSpan = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start < end;
    const least = before?.end ?? 0;
    if (!(isSpan && start >= least && end <= length)) {
      throw new DataError(
        `tagsOfSpans: a span from ${start} to ${end} given, within ${least} to ${length} expected`,
      );
    }
    const touches = before?.end === start && before.label === label;
    for (let at = start; at < end; at++) {
      tags[at] = tagOfRole(roleAt(at, span, touches, scheme), label, scheme);
    }
    before = span;
  }
  return tags;
}

function roleAt(at: number, { start, end }: Span, touches: boolean, scheme: TagScheme): Role {
  if (scheme === "IO") return "I";
  if (scheme === "IOB1") return at === start && touches ? "B" : "I";
  if (scheme === "BIO") return at === start ? "B" : "I";
  if (end - start === 1) return "S";
  return at === start ? "B" : at === end - 1 ? "E" : "I";
}

/** What sequences of tags a scheme has, as `linearChainCrf` takes it. */
export interface LegalTags {
  /** Whether a sentence may start with each tag. */
  readonly start: boolean[];
  /** Whether it may end with each. */
  readonly end: boolean[];
  /** Whether one may follow another: [from][to]. */
  readonly transitions: boolean[][];
}

/**
 * Which of some tags may stand first, last, and one after the other.
 *
 * @throws UsageError for a tag that the scheme does not have
 */
export function legalTags(tags: readonly string[], scheme: TagScheme): LegalTags {
  checkTags(tags);
  checkScheme(scheme);
  for (const tag of tags) {
    if (roleOfTag(tag, scheme) !== undefined) continue;
    throw new UsageError(`legalTags: ${printGiven(tag)} given, tags of ${scheme} expected`);
  }
  const follows = (from: string, to: string) => mayFollow(from, to, scheme);
  return {
    start: tags.map((tag) => follows("O", tag)),
    end: tags.map((tag) => follows(tag, "O")),
    transitions: tags.map((from) => tags.map((to) => follows(from, to))),
  };
}

function mayFollow(from: string, to: string, scheme: TagScheme): boolean {
  const [before, now] = [roleOfTag(from, scheme), roleOfTag(to, scheme)];
  if (before === undefined || now === undefined || scheme === "IO") return true;
  const isSame = before.label === now.label;
  if (scheme === "IOB1") return now.role !== "B" || (before.role !== "O" && isSame);
  const isOpen = before.role === "B" || before.role === "I";
  const goesOn = now.role === "I" || now.role === "E";
  if (goesOn) return isOpen && isSame;
  return scheme === "BIO" || !isOpen;
}

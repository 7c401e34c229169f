/** The tags of a tagger: those of a corpus as they are, or those of spans, which a network tells apart in one scheme, whatever the corpus has. */

import { convertTags, type LegalTags, legalTags, repairTags } from "../../data/tagged/schemes.ts";
import { splitTag, TAG_SCHEMES, type TagScheme, tagOfRole } from "../../data/tagged/spans.ts";
import { FormatError } from "../../errors.ts";

/** The scheme that networks learn: it says most of where spans begin and end. */
const INSIDE = "BIOES";

export class Tags {
  /** The scheme of the corpus; undefined for tags that are not of spans, such as parts of speech. */
  readonly scheme: TagScheme | undefined;
  /** The tags themselves, or the labels of spans: sorted. */
  readonly labels: readonly string[];
  /** What the network tells apart, by number. */
  readonly inside: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(scheme: TagScheme | undefined, labels: readonly string[]) {
    this.scheme = scheme;
    this.labels = labels;
    this.inside =
      scheme === undefined
        ? labels
        : [
            "O",
            ...labels.flatMap((label) =>
              (["B", "I", "E", "S"] as const).map((role) => tagOfRole(role, label, INSIDE)),
            ),
          ];
    this.#numbers = new Map(this.inside.map((tag, number) => [tag, number]));
  }

  /** Those of sentences whose tags follow the scheme. */
  static of(sentences: readonly (readonly string[])[], scheme: TagScheme | undefined): Tags {
    const tags = [...new Set(sentences.flat())];
    const labels = tags.filter((tag) => tag !== "O").map((tag) => splitTag(tag).label);
    return new Tags(scheme, scheme === undefined ? tags.sort() : [...new Set(labels)].sort());
  }

  /** Throws FormatError for what `toJSON` did not give. */
  static fromJSON(json: unknown, where: string): Tags {
    const { scheme = null, labels } = (json ?? {}) as Record<string, unknown>;
    const isScheme = scheme === null || TAG_SCHEMES.some((one) => one === scheme);
    const least = scheme === null ? 2 : 1;
    const isLabels =
      Array.isArray(labels) &&
      labels.length >= least &&
      labels.every((label) => typeof label === "string") &&
      new Set(labels).size === labels.length;
    if (isScheme && isLabels) return new Tags((scheme ?? undefined) as TagScheme | undefined, labels);
    throw new FormatError(`${where}: tags: a scheme and ${least} or more different labels expected`);
  }

  toJSON() {
    return { scheme: this.scheme ?? null, labels: this.labels };
  }

  /** How many there are for the network. */
  get size(): number {
    return this.inside.length;
  }

  /** Which may follow which, for a conditional random field; all of them where they are not of spans. */
  get legal(): Partial<LegalTags> {
    return this.scheme === undefined ? {} : legalTags(this.inside, INSIDE);
  }

  /** The numbers of tags that follow `scheme`; -1 for one that is not known. */
  numbersOf(tags: readonly string[], scheme = this.scheme): number[] {
    const inside =
      scheme === undefined || this.scheme === undefined ? tags : convertTags(tags, scheme, INSIDE);
    return inside.map((tag) => this.#numbers.get(tag) ?? -1);
  }

  /** The numbers of a sentence as a scheme allows them: what goes on with a span where there is none starts one. */
  legally(numbers: readonly number[]): number[] {
    if (this.scheme === undefined) return [...numbers];
    const tags = numbers.map((number) => this.inside[number] as string);
    return this.numbersOf(repairTags(tags, INSIDE, "start").tags, INSIDE);
  }

  /** The tags of legal numbers in the corpus's scheme, or another one. */
  tagsOf(numbers: readonly number[], scheme = this.scheme): string[] {
    const tags = numbers.map((number) => this.inside[number] as string);
    return scheme === undefined || this.scheme === undefined ? tags : convertTags(tags, INSIDE, scheme);
  }

  /** Whether a span goes on from a token with this number to the next one. */
  isOpen(number: number): boolean {
    return this.scheme !== undefined && number > 0 && /^[BI]/.test(this.inside[number] as string);
  }
}

/**
 * Where a sentence with these numbers is cut: a place that lies within no span, the last one up to `wanted` but above `least`, else the
 * first one after `wanted`, else the end.
 */
export function cutOf(tags: Tags, numbers: ArrayLike<number>, wanted: number, least = 0): number {
  const isBorder = (at: number) => at >= numbers.length || !tags.isOpen(numbers[at - 1] as number);
  for (let at = Math.min(wanted, numbers.length); at > least; at--) if (isBorder(at)) return at;
  let at = Math.min(wanted, numbers.length);
  while (!isBorder(at)) at++;
  return at;
}

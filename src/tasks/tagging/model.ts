/** A tagger: what it is made of, and the tags that it tells. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { Scheme } from "../../nn/index.ts";
import { compile } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { batchesByLength } from "../batches.ts";
import { createNetwork, emissionsOf, type Given, inputTypes, type Network, tagsOf } from "./network.ts";
import type { Form } from "./options.ts";
import { cutOf, type Tags } from "./tags.ts";
import type { Words } from "./words.ts";

/** The tags of a sentence by number, and how probable each is. */
export interface Told {
  readonly numbers: readonly number[];
  readonly confidence: readonly number[];
}

/** A sentence that is tagged from a word on. */
interface Part {
  readonly row: number;
  readonly start: number;
  /** The words from there that are read at once. */
  readonly words: readonly string[];
}

export class TaggerModel {
  readonly form: Form;
  readonly words: Words;
  readonly tags: Tags;
  /** The commonest tag of each word of the training, by number; that of all tokens for what is unknown. */
  readonly commonest: readonly number[];
  readonly network: Network;
  readonly #backend: BackendChoice | undefined;
  #program: ReturnType<typeof compileTags> | undefined;

  constructor(
    { form, words, tags, commonest }: Pick<TaggerModel, "form" | "words" | "tags" | "commonest">,
    options: { readonly initialize?: Scheme | undefined; readonly backend?: BackendChoice | undefined } = {},
  ) {
    const { initialize = "default", backend } = options;
    this.form = form;
    this.words = words;
    this.tags = tags;
    this.commonest = commonest;
    const sizes = { words: words.words.size, characters: words.characters.size, tags: tags.size };
    this.network = createNetwork(form, sizes, tags.legal, initialize);
    this.#backend = backend;
  }

  /** The tags of sentences, in order; one without words has none. Numbers of spans follow the scheme. */
  tell(sentences: readonly (readonly string[])[]): Told[] {
    const { longest } = this.form;
    const found = sentences.map(() => ({ numbers: [] as number[], confidence: [] as number[] }));
    const partOf = (row: number, start: number): Part[] => {
      const words = (sentences[row] as readonly string[]).slice(start, start + longest);
      return words.length > 0 ? [{ row, start, words }] : [];
    };
    let parts = sentences.flatMap((_, row) => partOf(row, 0));
    while (parts.length > 0) {
      const rest: Part[] = [];
      for (const batch of batchesByLength(parts, ({ words }) => words.length)) {
        for (const [at, told] of this.#tellParts(batch).entries()) {
          const { row, start, words } = batch[at] as Part;
          const isWhole = start + words.length === sentences[row]?.length;
          // A part ends where no span is; what comes after it is read again, with what follows that.
          const end = isWhole
            ? words.length
            : cutOf(this.tags, told.numbers, Math.ceil((3 * longest) / 4), Math.floor(longest / 2));
          found[row]?.numbers.push(...told.numbers.slice(0, end));
          found[row]?.confidence.push(...told.confidence.slice(0, end));
          rest.push(...partOf(row, start + end));
        }
      }
      parts = rest;
    }
    return found;
  }

  /** The scores of tags, for pictures. */
  emissions(given: Given): Tensor {
    return emissionsOf(this.network, { dropout: 0 }, given);
  }

  #tellParts(parts: readonly Part[]): Told[] {
    this.#program ??= compileTags(this.network, this.form, this.#backend);
    const { tags, confidence } = this.#program(this.words.batchOf(parts.map(({ words }) => words)));
    return parts.map(({ words }, row) => {
      const of = (data: ArrayLike<number>) => words.map((_, t) => data[t * parts.length + row] as number);
      return { numbers: this.tags.legally(of(tags.data)), confidence: of(confidence.data) };
    });
  }
}

function compileTags(network: Network, form: Form, backend: BackendChoice | undefined) {
  return compile((given) => tagsOf(network, form, given), {
    inputs: inputTypes,
    ...(backend && { backend }),
  });
}

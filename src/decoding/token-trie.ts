/**
 * Counts sequences of tokens in a trie. The edges of all nodes share one open-addressed hash table in typed arrays, so
 * that millions of sequences are counted in well under a second; nothing is ever removed.
 */

const ROOT = 0;
const NONE = -1;

/** A node stands for the sequence of tokens on its way from the root; node 0 is the empty sequence. */
export class TokenTrie {
  readonly #depth: number;
  #nodes = 1;
  /** Per node: how often its sequence occurred, how often a token followed it, how many distinct tokens did. */
  #occurred = new Int32Array(1024);
  #followed = new Int32Array(1024);
  #distinct = new Int32Array(1024);
  /** Per slot of the hash table: parent node, token, child node (NONE: the slot is free). */
  #parents = new Int32Array(4096);
  #tokens = new Int32Array(4096);
  #children = new Int32Array(4096).fill(NONE);

  /** @param depth the longest sequence that is counted */
  constructor(depth: number) {
    this.#depth = depth;
  }

  /** Counts the sequences of 1 to `depth` tokens that start at `start`. */
  count(tokens: ArrayLike<number>, start: number): void {
    const end = Math.min(start + this.#depth, tokens.length);
    let node = ROOT;
    for (let at = start; at < end; at++) {
      const child = this.#childOrNew(node, tokens[at] as number);
      this.#followed[node] = this.followed(node) + 1;
      this.#occurred[child] = (this.#occurred[child] as number) + 1;
      node = child;
    }
  }

  /** The node of the sequence tokens[start] ... tokens[end - 1]; undefined when it was never counted. */
  find(tokens: ArrayLike<number>, start: number, end: number): number | undefined {
    let node = ROOT;
    for (let at = start; at < end; at++) {
      node = this.#children[this.#slot(node, tokens[at] as number)] as number;
      if (node === NONE) return undefined;
    }
    return node;
  }

  /** How often `token` followed the sequence of `node`. */
  occurrences(node: number, token: number): number {
    const child = this.#children[this.#slot(node, token)] as number;
    return child === NONE ? 0 : (this.#occurred[child] as number);
  }

  /** How often any token followed the sequence of `node`. */
  followed(node: number): number {
    return this.#followed[node] as number;
  }

  /** How many distinct tokens followed the sequence of `node`. */
  distinct(node: number): number {
    return this.#distinct[node] as number;
  }

  #childOrNew(node: number, token: number): number {
    const slot = this.#slot(node, token);
    const known = this.#children[slot] as number;
    if (known !== NONE) return known;
    const child = this.#nodes++;
    this.#parents[slot] = node;
    this.#tokens[slot] = token;
    this.#children[slot] = child;
    this.#distinct[node] = this.distinct(node) + 1;
    if (this.#nodes > this.#occurred.length) this.#growNodes();
    if (this.#nodes * 2 > this.#children.length) this.#growTable();
    return child;
  }

  /** The slot that holds the edge (linear probing), or the free one where it belongs. */
  #slot(node: number, token: number): number {
    const mask = this.#children.length - 1;
    let hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(token + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (this.#children[slot] !== NONE && (this.#parents[slot] !== node || this.#tokens[slot] !== token)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #growNodes(): void {
    const grow = (old: Int32Array) => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.#occurred = grow(this.#occurred);
    this.#followed = grow(this.#followed);
    this.#distinct = grow(this.#distinct);
  }

  #growTable(): void {
    const parents = this.#parents;
    const tokens = this.#tokens;
    const children = this.#children;
    const size = children.length * 2;
    this.#parents = new Int32Array(size);
    this.#tokens = new Int32Array(size);
    this.#children = new Int32Array(size).fill(NONE);
    for (let old = 0; old < children.length; old++) {
      if (children[old] === NONE) continue;
      const slot = this.#slot(parents[old] as number, tokens[old] as number);
      this.#parents[slot] = parents[old] as number;
      this.#tokens[slot] = tokens[old] as number;
      this.#children[slot] = children[old] as number;
    }
  }
}

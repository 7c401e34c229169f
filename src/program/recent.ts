/** Programs that are kept because they may be asked for again: those used last. */

/** Bytes that they hold together, and how many there are; the one used last is kept whatever it holds. */
const most = { bytes: 2 ** 28, count: 64 };

/** Something that holds memory, where it can tell how much. */
interface Holder {
  readonly executable: { readonly bytes?: number };
}

export class RecentPrograms<Program extends Holder> {
  /** In the order of their last use. */
  readonly #programs = new Map<string, Program>();

  /** The program of this key, made where it is not kept. */
  get(key: string, make: () => Program): Program {
    const kept = this.#programs.get(key);
    if (!kept) this.#makeRoom();
    const program = kept ?? make();
    this.#programs.delete(key);
    this.#programs.set(key, program);
    return program;
  }

  #makeRoom(): void {
    let [bytes, count] = [0, 0];
    for (const [key, { executable }] of [...this.#programs].reverse()) {
      bytes += executable.bytes ?? 0;
      count += 1;
      if (bytes > most.bytes || count >= most.count) this.#programs.delete(key);
    }
  }
}

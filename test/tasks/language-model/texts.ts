// Texts that the tests of language models learn from.

/** A sentence again and again: a model that learns gets far below the entropy of its letters. */
export const sentence = "the quick brown fox jumps over the lazy dog.\n".repeat(20);

/** A model that is small enough to train in a moment. */
export const small = { cell: "gru", hidden: 12, embedding: 6 } as const;
/** Options of a training of it. */
export const tiny = { ...small, batch: 4, window: 12, validation: 0 } as const;

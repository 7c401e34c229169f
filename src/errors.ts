// The errors Rondo throws on purpose. Each message is one line: what was given, what was expected, and where.

/** The base of every error that Rondo throws on purpose; anything else that escapes is a defect. */
export class RondoError extends Error {}

/**
 * Thrown while a function is traced, when something does not fit an operation: shapes or dtypes that do not fit each other, a
 * number that the dtype cannot hold, something that is not a tensor.
 */
export class ShapeError extends RondoError {
  /** Whether the message says already which line of the user's code it is about. */
  readonly located: boolean;

  constructor(message: string, options?: ErrorOptions & { located?: boolean }) {
    super(message, options);
    this.located = options?.located ?? false;
  }
}

/** Thrown when a computational graph is not legal, or when it asks for what cannot be differentiated or compiled. */
export class GraphError extends RondoError {}

/** Thrown when data to learn or predict from cannot be used: missing, unreadable, malformed or too short. */
export class DataError extends RondoError {}

/** Thrown when a file of weights, a checkpoint or a configuration does not follow its format or does not fit. */
export class FormatError extends RondoError {}

/** Thrown when an option or argument is unknown, missing, out of its range, or contradicts another one. */
export class UsageError extends RondoError {}

/** Thrown when training cannot go on, for example because the loss is no longer a finite number. */
export class TrainingError extends RondoError {}

// Named by the keys, which a minifier keeps; the names of the classes it does not.
const types = { RondoError, ShapeError, GraphError, DataError, FormatError, UsageError, TrainingError };
for (const [name, type] of Object.entries(types)) type.prototype.name = name;

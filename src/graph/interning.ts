/**
 * Interning: what is equal is one object. While a program is made, all that is made belongs to it: one table holds it and
 * goes when the program is done. Outside of programs nobody says how long a thing is wanted: there a table refers to it weakly.
 *
 * A weak reference holds its target until the current job of the event loop ends. So nothing that leads to a variable,
 * and by its value to a program's memory, may be made one: see `node`.
 */

/** What belongs to the program that is being made. */
let own: Map<string, object> | undefined;
const outside = new Map<string, WeakRef<object>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (!outside.get(key)?.deref()) outside.delete(key);
});

/** Whether a program is being made. */
export function isInProgram(): boolean {
  return own !== undefined;
}

/** What `make` returns, which makes a program, all of it or a part: within another call it belongs to that one's program. */
export function inProgram<Result>(make: () => Result): Result {
  if (own) return make();
  own = new Map();
  try {
    return make();
  } finally {
    own = undefined;
  }
}

/** What was made under a key, and is there still. */
export function known(key: string): object | undefined {
  return own?.get(key) ?? outside.get(key)?.deref();
}

/** What is equal to `made` is `made` from now on: within the program that is being made, or everywhere. */
export function remember(key: string, made: object, everywhere = !own): void {
  own?.set(key, made);
  if (!everywhere) return;
  outside.set(key, new WeakRef(made));
  forgotten.register(made, key);
}

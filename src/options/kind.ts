/** What a kind of option values is: a schema of the library valibot, which nobody's types depend on. */

/** What values an option can have. */
export interface Kind<Value> {
  /** Of the type alone: there is no such property. */
  readonly "~value": Value;
}

/** A schema as the kind that it is. */
export function kind<Value>(schema: { readonly kind: "schema" }): Kind<Value> {
  return schema as unknown as Kind<Value>;
}

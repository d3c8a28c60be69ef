/**
 * An empty record whose keys come from outside: it has no prototype, so that `constructor`, `toString` and `__proto__`
 * are keys like any other, and a key that was not put in is not there. `{}` is not used for that anywhere; a test holds
 * it.
 */
export function emptyRecord<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

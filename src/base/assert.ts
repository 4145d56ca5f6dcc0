// Bugs assert and crash. These checks stay on in production: a removable assertion protects only the tests.

class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws when an invariant of our own does not hold. Never used for input from outside. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}

/** Closes the last branch of an exhausted union. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${JSON.stringify(value)}`);
}

/** The value, when an invariant of our own says that it is there. */
export function present<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, `${what} is missing`);
  return value;
}

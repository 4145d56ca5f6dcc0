// What went wrong, as data: a stable code, the values that its sentence needs, and what caused it.

export type FailureData = Readonly<Record<string, string | number | boolean>>;

/** `code` is `plane.noun_condition` and stands in the error table (src/domain/errors). */
export type Failure<Code extends string = string> = {
  readonly code: Code;
  readonly data: FailureData;
  readonly cause?: unknown;
};

export function failure<Code extends string>(code: Code, data: FailureData = {}, cause?: unknown): Failure<Code> {
  return cause === undefined ? { code, data } : { code, data, cause };
}

/** Carries a failure through code that can only throw (a stream, a framework); caught again at the adapter. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.code, { cause: failure.cause });
    this.failure = failure;
  }
}

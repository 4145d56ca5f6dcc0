// One row of the error table: everything that any plane may need to say about a failure.

export type Fault = "you" | "content" | "peer" | "policy" | "environment" | "us";
export type Retry = "never" | "later" | "after-change";
export type ExitCode = 1 | 2 | 3 | 4 | 5;

export type ErrorEntry = {
  /** Whose fault it is. */
  readonly fault: Fault;
  /** Whether the same call can succeed: never, later by itself, or after something was changed. */
  readonly retry: Retry;
  /** DESIGN: 1 failed, 2 wrong usage, 3 denied, 4 not found, 5 unsafe content. */
  readonly exit: ExitCode;
  readonly status: number;
  /** What happened and why; `{name}` stands for a value of the failure's data. */
  readonly says: string;
  /** What the person can do now. */
  readonly next: string;
};

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

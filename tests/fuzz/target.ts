// What can be fuzzed: a decoder or a state machine, fed with one input at a time.

export type FuzzTarget = {
  readonly name: string;
  /** Well-formed inputs to start from. */
  readonly seeds: () => readonly Uint8Array[];
  /**
   * Takes any bytes and must come back, quickly and without throwing. Says in a word or a few what became of them:
   * an input with a new outcome is kept to be changed further.
   */
  readonly run: (input: Uint8Array) => string;
};

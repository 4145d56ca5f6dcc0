// The end of the present turn of the event loop, after everything that has already arrived was handled: where work that
// one answer can serve (acknowledgements, small writes) is gathered.

export interface Turn {
  /** Calls back once, before any timer of the next turn. */
  end(callback: () => void): void;
}

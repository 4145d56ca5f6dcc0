// Threads that hash and touch the disk beside the main one. Messages are structured clones; shared memory is shared.

export interface Thread {
  post(message: unknown): void;
  /** Lets the thread finish what was posted, then ends it. */
  stop(): Promise<void>;
}

export interface Threads {
  /** Runs the module in a thread of its own. `onMessage` gets what it posts; `onDeath` is called if it ends by itself. */
  start(
    entry: URL,
    handlers: { readonly onMessage: (message: unknown) => void; readonly onDeath: (cause: unknown) => void },
  ): Thread;
}

/** What the module in the thread uses to talk to whoever started it. */
export interface ThreadPort {
  post(message: unknown): void;
  onMessage(handler: (message: unknown) => void): void;
}

// Waiting with an end: for a promise, or for a state that can only be asked for.

/** Rejects with `message()` when the promise takes longer. */
export async function withDeadline<T>(promise: Promise<T>, withinMs: number, message: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${withinMs} ms: ${message()}`)), withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const ASK_AGAIN_MS = 100;

/** Asks until the answer is there. Other people's programs have no event for most of what a test waits for. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 60_000,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadlineMs) throw new Error(`after ${withinMs} ms: ${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

// Runs tasks in their order, several at once: always so many, and more while there is room for them.

export type AtOnce = {
  /** So many run whatever `hasRoom` says. */
  readonly atLeast: number;
  readonly atMost: number;
  /** Whether one more would not be in the way of those that run. */
  readonly hasRoom: () => boolean;
};

const LOOK_AGAIN_MS = 250;

export async function runAtOnce<T>(tasks: readonly T[], run: (task: T) => Promise<void>, atOnce: AtOnce) {
  const running = new Set<Promise<void>>();
  const mayBegin = (): boolean => running.size < atOnce.atLeast || (running.size < atOnce.atMost && atOnce.hasRoom());
  for (const task of tasks) {
    while (!mayBegin()) await Promise.race([...running, soon()]);
    const one = run(task).finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

// Resolves when the process is asked to stop; a second Ctrl-C ends it at once.

export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(130));
        resolve();
      });
    }
  });
}

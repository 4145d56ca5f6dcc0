// What a command does when nobody reads its output any more (`… | head -1`) or it cannot be written (`… > /full/disk`): it
// stops as if it had been asked to, so that a transfer is left in order, and never ends in a stack trace.

import { failure } from "../base/failure.ts";
import { printFailure } from "./output.ts";

/** As the shell tells of a program that died of SIGPIPE. */
const BROKEN_PIPE_EXIT = 141;

export function stopWhenOutputIsLost(): void {
  let isLost = false;
  const lost = (error: NodeJS.ErrnoException): void => {
    if (isLost) return;
    isLost = true;
    const isUnread = error.code === "EPIPE";
    process.exitCode = isUnread
      ? BROKEN_PIPE_EXIT
      : printFailure(failure("cli.output_lost", { why: whyOf(error) }, error), { json: false });
    if (!process.emit("SIGTERM", "SIGTERM")) process.exit();
  };
  process.stdout.on("error", lost);
  process.stderr.on("error", lost);
}

function whyOf({ code, message }: NodeJS.ErrnoException): string {
  return code === "ENOSPC" ? "the disk is full" : message;
}

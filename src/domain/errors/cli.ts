// Failures of the command line itself.

import type { ErrorTable } from "./entry.ts";

export const CLI_ERRORS = {
  "cli.usage_wrong": {
    fault: "you",
    retry: "after-change",
    exit: 2,
    status: 400,
    says: "The command was not understood: {detail}.",
    next: "Run the command with --help to see what it takes.",
  },
  "cli.file_missing": {
    fault: "you",
    retry: "after-change",
    exit: 4,
    status: 404,
    says: "There is no file or folder at {path}.",
    next: "Check the spelling, or give the full path.",
  },
  "cli.file_unreadable": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 403,
    says: "{path} cannot be read: {why}.",
    next: "Check its permissions and those of its folder, then run the command again.",
  },
  "cli.output_failed": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "{path} could not be written: {why}.",
    next: "Choose another place with -o, or see that its folder is there and may be written to.",
  },
  "cli.output_lost": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "What the command had to say could not be written: {why}.",
    next: "Send its output to where there is room, and run the command again.",
  },
  "cli.engine_enrolled": {
    fault: "policy",
    retry: "never",
    exit: 3,
    status: 403,
    says: "This computer has joined an institution ({folder}): the bare engine does not run here.",
    next: "Use `swarmgate get` or `swarmgate share`, which ask for permission.",
  },
  "cli.demo_failed": {
    fault: "environment",
    retry: "later",
    exit: 1,
    status: 500,
    says: "The demo could not be prepared: {detail}.",
    next: "Look at the lines above; without --demo everything else works.",
  },
  "cli.internal_error": {
    fault: "us",
    retry: "later",
    exit: 1,
    status: 500,
    says: "Something went wrong inside Swarmgate: {detail}.",
    next: "Nothing acknowledged is lost. Run the command again; if it fails again, report it with the text above.",
  },
} as const satisfies ErrorTable;

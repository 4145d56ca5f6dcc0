// How far a transfer under a grant is, in the words that the path, the pages and the command share.

export const TRANSFER_STATES = [
  "waiting",
  "fetching",
  "paused",
  "held",
  "scanning",
  "released",
  "infected",
  "failed",
  "stopped",
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

export const TRANSFER_COMMANDS = ["pause", "resume", "remove"] as const;
export type TransferCommand = (typeof TRANSFER_COMMANDS)[number];

// Node's check phase follows its poll phase, in which all waiting datagrams are read.

import type { Turn } from "../turn.ts";

export const realTurn: Turn = {
  end: (callback) => {
    setImmediate(callback);
  },
};

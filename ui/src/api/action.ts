// One thing that the reader does: whether it is under way, and the refusal if it was refused.

import { useState } from "react";
import { noticeSignOut } from "./cache.ts";
import { type Refusal, refusalFrom } from "./call.ts";

export type Action<Input> = {
  readonly busy: boolean;
  readonly refusal: Refusal | undefined;
  readonly run: (input: Input) => void;
};

export function useAction<Input>(act: (input: Input) => Promise<unknown>): Action<Input> {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const start = async (input: Input): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await act(input);
    } catch (thrown) {
      setRefusal(refusalFrom(thrown));
      noticeSignOut(thrown);
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    refusal,
    // One press, one call: a second press while it runs is the same wish.
    run: (input) => {
      if (!busy) void start(input);
    },
  };
}

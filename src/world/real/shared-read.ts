// Node reads into this buffer and calls back before it reads again, on whichever socket: one buffer serves all that we
// open ourselves. 256 KiB a read costs a third of the system calls and callbacks of Node's own 64 KiB, and nothing is left
// for the collector (docs/performance.md).

import type { OnReadOpts } from "node:net";

const buffer = Buffer.allocUnsafeSlow(256 * 1024);

/** For net.connect and tls.connect; `received` gets bytes that are valid during the call. */
export function sharedRead(received: (bytes: Uint8Array) => void): { readonly onread: OnReadOpts } {
  const callback: OnReadOpts["callback"] = (count, into) => {
    received(into.subarray(0, count));
    return true;
  };
  return { onread: { buffer, callback } };
}

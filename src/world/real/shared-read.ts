// Node reads into a buffer that it is given and calls back before it reads again, on whichever socket: one buffer serves
// all that we open ourselves and that name no place of their own. 256 KiB a read costs a third of the system calls and
// callbacks of Node's own 64 KiB, and nothing is left for the collector (docs/performance.md).

import type { OnReadOpts } from "node:net";

const shared = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * For net.connect and tls.connect; `received` gets bytes that are valid during the call. `place`, asked before each read,
 * says where they are to lie, if anywhere.
 */
export function sharedRead(
  received: (bytes: Uint8Array) => void,
  place?: () => Uint8Array | undefined,
): { readonly onread: OnReadOpts } {
  const callback: OnReadOpts["callback"] = (count, into) => {
    received(into.subarray(0, count));
    return true;
  };
  return { onread: { buffer: place === undefined ? shared : () => place() ?? shared, callback } };
}

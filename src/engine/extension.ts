// The hook for messages of BEP 10 that the engine itself does not speak: PEX, holepunch.

import type { Endpoint } from "../domain/address/endpoint.ts";
import type { SwarmView } from "./discovery/source.ts";
import type { TransportName } from "./transport/transport.ts";

/** A connected peer as an extension sees it. */
export interface ExtensionPeer {
  readonly remote: Endpoint;
  /** Where the peer accepts connections, if it said so (its `p`) or we dialled it there. */
  readonly dialable: Endpoint | undefined;
  readonly transport: TransportName;
  readonly isSeed: boolean;
  /** Sends one extended message under the id that the peer gave for this extension. */
  send(payload: Uint8Array): void;
  close(why: string): void;
}

export interface AttachedExtension {
  /** The peer's handshake names this extension. */
  peerReady(peer: ExtensionPeer): void;
  /** `payload` is a copy; never longer than `bytesMax`. */
  message(peer: ExtensionPeer, payload: Uint8Array): void;
  peerGone(peer: ExtensionPeer): void;
  /** A peer could not be dialled. */
  unreachable?(remote: Endpoint): void;
  close(): void;
}

export interface ExtensionHook {
  /** The key in the handshake's `m`, such as "ut_pex". */
  readonly name: string;
  readonly bytesMax: number;
  /** Not attached to private torrents when false (BEP 27). */
  readonly allowedInPrivate: boolean;
  attach(swarm: SwarmView): AttachedExtension;
}

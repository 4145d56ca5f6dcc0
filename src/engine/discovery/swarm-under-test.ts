// A swarm and its peers as discovery and extensions see them, for tests: it writes down what it is told.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { ExtensionPeer } from "../extension.ts";
import type { TransportName } from "../transport/transport.ts";
import type { PeerSource, SwarmView } from "./source.ts";

export class SwarmUnderTest implements SwarmView {
  readonly infoHashes: readonly Uint8Array[];
  readonly peerId = new Uint8Array(20);
  readonly found: { readonly endpoint: Endpoint; readonly source: PeerSource }[] = [];
  isPrivateNow: boolean | undefined = false;
  port = 6881;

  constructor(...hashBytes: readonly [number, ...number[]] | readonly []) {
    const [first = 1, ...more] = hashBytes;
    this.infoHashes = [first, ...more].map((byte) => new Uint8Array(20).fill(byte));
  }

  isPrivate = () => this.isPrivateNow;
  listenPort = () => this.port;
  progress = () => ({ bytesLeft: 1, bytesDown: 0, bytesUp: 0 });
  peersWanted = () => 10;
  mayAnnounce = () => true;
  mayDial = (remote: Endpoint) => remote.host !== "9.9.9.9";

  metainfo = () => undefined;
  adopt = () => undefined;

  foundPeers(peers: readonly Endpoint[], source: PeerSource): void {
    for (const endpoint of peers) this.found.push({ endpoint, source });
  }
}

export class PeerUnderTest implements ExtensionPeer {
  readonly remote: Endpoint;
  readonly dialable: Endpoint | undefined;
  readonly transport: TransportName = "utp";
  readonly isSeed: boolean;
  readonly sent: Uint8Array[] = [];
  closedWhy: string | undefined;

  constructor(host: string, options: { port?: number; dialable?: boolean; isSeed?: boolean } = {}) {
    this.remote = { host, port: options.port ?? 6881 };
    this.dialable = options.dialable === false ? undefined : { host, port: 6881 };
    this.isSeed = options.isSeed ?? false;
  }

  send(payload: Uint8Array): void {
    this.sent.push(payload);
  }

  close(why: string): void {
    this.closedWhy = why;
  }
}

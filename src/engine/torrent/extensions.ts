// The extensions that are plugged into a torrent: each gets its own peers and its own messages, and nothing else.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { ExtendedHandshake } from "../../wire/peer/extended-handshake.ts";
import type { SwarmView } from "../discovery/source.ts";
import type { AttachedExtension, ExtensionHook, ExtensionPeer } from "../extension.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { TransportName } from "../transport/transport.ts";

type Plugged = {
  readonly hook: ExtensionHook;
  readonly attached: AttachedExtension;
  readonly id: number;
  readonly peers: Map<PeerSession, ExtensionPeer>;
};

export class Extensions {
  readonly #plugged = new Map<number, Plugged>();

  /** Extended ids are given from `firstId` on. What a private torrent must not have is let go by `becamePrivate`. */
  constructor(hooks: readonly ExtensionHook[], view: SwarmView, firstId: number) {
    for (const [n, hook] of hooks.entries()) {
      const id = firstId + n;
      this.#plugged.set(id, { hook, attached: hook.attach(view), id, peers: new Map() });
    }
  }

  ids(): [string, number][] {
    return [...this.#plugged.values()].map(({ hook, id }) => [hook.name, id]);
  }

  /** BEP 27: what a private torrent must not speak is let go of once it is known to be one. */
  becamePrivate(): void {
    for (const [id, { hook, attached }] of this.#plugged) {
      if (hook.allowedInPrivate) continue;
      attached.close();
      this.#plugged.delete(id);
    }
  }

  handshake(session: PeerSession, theirs: ExtendedHandshake): void {
    for (const { hook, attached, peers } of this.#plugged.values()) {
      if ((theirs.ids.get(hook.name) ?? 0) === 0 || peers.has(session)) continue;
      const peer = new SessionAsPeer(session, hook.name);
      peers.set(session, peer);
      attached.peerReady(peer);
    }
  }

  /** H67: under an id that was never offered nothing is carried anywhere. Returns a fault. */
  message(session: PeerSession, extendedId: number, payload: Uint8Array): string | undefined {
    const plugged = this.#plugged.get(extendedId);
    const peer = plugged?.peers.get(session);
    if (plugged === undefined || peer === undefined) return undefined;
    if (payload.length > plugged.hook.bytesMax) return "extension-message-too-long";
    plugged.attached.message(peer, Uint8Array.from(payload));
    return undefined;
  }

  unreachable(remote: Endpoint): void {
    for (const { attached } of this.#plugged.values()) attached.unreachable?.(remote);
  }

  left(session: PeerSession): void {
    for (const { attached, peers } of this.#plugged.values()) {
      const peer = peers.get(session);
      if (peer === undefined) continue;
      peers.delete(session);
      attached.peerGone(peer);
    }
  }

  close(): void {
    for (const { attached } of this.#plugged.values()) attached.close();
    this.#plugged.clear();
  }
}

class SessionAsPeer implements ExtensionPeer {
  readonly #session: PeerSession;
  readonly #extension: string;

  constructor(session: PeerSession, extension: string) {
    this.#session = session;
    this.#extension = extension;
  }

  get remote(): Endpoint {
    return this.#session.stream.remote;
  }

  get dialable(): Endpoint | undefined {
    if (this.#session.direction === "dialled") return this.remote;
    const port = this.#session.theirHandshake?.port;
    return port === undefined ? undefined : { host: this.remote.host, port };
  }

  get transport(): TransportName {
    return this.#session.stream.transport;
  }

  get isSeed(): boolean {
    return this.#session.uploadOnly || (this.#session.has?.isFull ?? false);
  }

  send(payload: Uint8Array): void {
    const extendedId = this.#session.theirHandshake?.ids.get(this.#extension) ?? 0;
    if (extendedId > 0) this.#session.out.message({ type: "extended", extendedId, payload });
  }

  close(why: string): void {
    this.#session.close(why);
  }
}

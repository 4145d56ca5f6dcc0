// The PORT message (BEP 5): peers tell one another where their nodes of the hash table answer, so that a table fills from
// swarms alone. Never in a private swarm (BEP 27, H75).

import type { HashTableLink, SwarmView } from "../discovery/source.ts";
import type { PeerSession } from "../peer/session-host.ts";

/** A peer has one node, and perhaps another one later. */
const HEARD_MAX = 4;

export class NodeTelling {
  readonly #link: HashTableLink | undefined;
  readonly #swarm: SwarmView;
  /** Who was not told yet, because our node is not open. */
  readonly #owed = new Set<PeerSession>();
  readonly #told = new WeakSet<PeerSession>();
  readonly #heard = new WeakMap<PeerSession, number>();

  constructor(link: HashTableLink | undefined, swarm: SwarmView) {
    this.#link = link;
    this.#swarm = swarm;
  }

  /** Whether our handshake says that we run a node. */
  get isOn(): boolean {
    return this.#link !== undefined && this.#swarm.isPrivate() !== true;
  }

  /** Says once where our node is, now or when it is somewhere. */
  tell(session: PeerSession): void {
    if (!session.dht || !this.isOn || this.#told.has(session)) return;
    const port = this.#link?.portFor(session.stream.remote) ?? 0;
    if (port === 0) {
      this.#owed.add(session);
      return;
    }
    this.#owed.delete(session);
    this.#told.add(session);
    session.out.message({ type: "port", port });
  }

  told(session: PeerSession, port: number): void {
    const heard = this.#heard.get(session) ?? 0;
    if (heard >= HEARD_MAX || !this.isOn) return;
    this.#heard.set(session, heard + 1);
    this.#link?.met({ host: session.stream.remote.host, port });
  }

  left(session: PeerSession): void {
    this.#owed.delete(session);
  }

  tick(): void {
    for (const session of this.#owed) this.tell(session);
  }
}

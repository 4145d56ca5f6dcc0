// Nodes of the hash table in a network of their own, for tests.

import { ok as truthy } from "node:assert/strict";
import { type DhtMessage, readDhtMessage } from "../../wire/dht/krpc.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { SimDisk } from "../../world/sim/disk.ts";
import { SeededEntropy } from "../../world/sim/entropy.ts";
import { SimNet } from "../../world/sim/net.ts";
import { SeededRandom } from "../../world/sim/random.ts";
import { DhtNode, type DhtOptions } from "./node.ts";

export const PORT = 6881;

/** Each knows only the first. */
export class Nursery {
  readonly clock = new SimClock();
  readonly net = new SimNet(this.clock, new SeededRandom(1), { latencyMs: 20, bytesPerSecond: 1e6, lossRate: 0 });
  readonly disk = new SimDisk(this.clock);
  #count = 0;

  node(options: Partial<DhtOptions> = {}): DhtNode {
    const host = this.address(++this.#count);
    const entropy = new SeededEntropy(this.#count);
    const names = { resolve: async () => [] };
    const world = { clock: this.clock, entropy, net: this.net.host(host), names, disk: this.disk };
    const bootstrap = [`${this.address(1)}:${PORT}`];
    return new DhtNode({ at: [{ host, port: PORT }], bootstrap, ...options }, world);
  }

  address(count: number): string {
    return `10.0.${count >> 8}.${count & 255}`;
  }

  async swarm(count: number): Promise<DhtNode[]> {
    const nodes = Array.from({ length: count }, () => this.node());
    for (const node of nodes) {
      void node.open();
      await this.clock.advance(500);
    }
    await this.clock.advance(10_000);
    return nodes;
  }

  /** A node that met fifteen others, and ended. */
  async earlierRun(statePath: string): Promise<void> {
    await this.swarm(15);
    const node = this.node({ statePath });
    void node.open();
    await this.clock.advance(5_000);
    node.close();
  }

  /** A socket that is no node: what it hears is kept. */
  async stranger(host: string) {
    const heard: { readonly message: DhtMessage | undefined; readonly bytes: number }[] = [];
    const onMessage = (bytes: Uint8Array) => void heard.push({ message: readDhtMessage(bytes), bytes: bytes.length });
    const bound = await this.net.host(host).bindUdp({ host, port: 7_000 }, { onMessage });
    truthy(bound.ok);
    return { heard, socket: bound.value, at: { host, port: 7_000 } };
  }
}

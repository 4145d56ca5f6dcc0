// One simulated computer: the real engine on simulated disk and network. It can crash, lose power and come back.

import { assert, present } from "../src/base/assert.ts";
import { FailureError } from "../src/base/failure.ts";
import type { Endpoint } from "../src/domain/address/endpoint.ts";
import type { Engine, Torrent, TorrentEvent } from "../src/engine/contract.ts";
import { createEngine } from "../src/engine/engine.ts";
import type { SimClock } from "../src/world/sim/clock.ts";
import { SimDisk } from "../src/world/sim/disk.ts";
import { SeededEntropy } from "../src/world/sim/entropy.ts";
import type { SimNet } from "../src/world/sim/net.ts";
import { SeededRandom } from "../src/world/sim/random.ts";
import { CONTENT_NAME, type SimContent } from "./content.ts";

export type SimRole = "seeder" | "leecher" | "poisoner";

const DATA_DIR = "/data";
const PORT = 6881;

export type SimNodeOptions = {
  readonly clock: SimClock;
  readonly net: SimNet;
  readonly content: SimContent;
  readonly address: string;
  readonly role: SimRole;
  readonly closedSwarm: boolean;
  readonly seed: number;
  readonly seen: (node: SimNode, event: TorrentEvent) => void;
};

export class SimNode {
  readonly address: string;
  readonly role: SimRole;
  readonly #options: SimNodeOptions;
  #disk: SimDisk;
  readonly #random: SeededRandom;
  readonly #entropy: SeededEntropy;
  #engine: Engine | undefined;
  #torrent: Torrent | undefined;

  constructor(options: SimNodeOptions) {
    this.#options = options;
    this.address = options.address;
    this.role = options.role;
    this.#disk = new SimDisk(options.clock);
    this.#random = new SeededRandom(options.seed);
    this.#entropy = new SeededEntropy(options.seed ^ 0x5eed);
    if (options.role !== "leecher") this.#fillDisk();
  }

  get disk(): SimDisk {
    return this.#disk;
  }

  get endpoint(): Endpoint {
    return { host: this.address, port: PORT };
  }

  get torrent(): Torrent | undefined {
    return this.#torrent;
  }

  get isFinished(): boolean {
    const at = this.#torrent?.status().state.at;
    return at === "seeding" || at === "finished";
  }

  async start(peers: readonly Endpoint[]): Promise<void> {
    assert(this.#engine === undefined, "a running node is not started again");
    const { clock, net, content, address, role, seen } = this.#options;
    const world = { clock, random: this.#random, entropy: this.#entropy, net: net.host(address), disk: this.disk };
    const engine = await createEngine({ listen: [this.endpoint] }, world);
    if (!engine.ok) throw new FailureError(engine.error);
    this.#engine = engine.value;
    const added = this.#engine.add({
      source: { kind: "metainfo", metainfo: content.metainfo },
      storage: { rootDir: DATA_DIR, modeBits: 0o600 },
      peers,
      resumeDir: `${DATA_DIR}/resume`,
      // A poisoner does not look at what it serves.
      closedSwarm: this.#options.closedSwarm,
      verifyUploads: role !== "poisoner",
    });
    if (!added.ok) throw new FailureError(added.error);
    this.#torrent = added.value;
    added.value.on((event) => {
      if (event.type === "checked" && role === "poisoner") this.#rotDisk();
      seen(this, event);
    });
  }

  /** The power fails: what was not synced is lost, or is there in part, and nobody is told. */
  crash(how: "clean" | "torn"): void {
    this.#options.net.crash(this.address);
    if (how === "torn") this.#disk.tear(this.#random);
    else this.#disk.powerCut();
    this.#disk = this.#disk.survivor();
    void this.#engine?.close();
    this.#engine = undefined;
    this.#torrent = undefined;
  }

  /** The disk works again. A torrent that a failing one stopped waits for somebody to say so. */
  repair(): void {
    this.disk.repair();
    if (this.#torrent?.status().state.at === "stopped") this.#torrent.resume();
  }

  /** What lies on its disk for the piece; undefined where nothing does. */
  pieceOnDisk(piece: number): Uint8Array | undefined {
    const { metainfo } = this.#options.content;
    const read = this.disk.contentOf(`${DATA_DIR}/${CONTENT_NAME}`)?.now;
    return read?.subarray(piece * metainfo.pieceLengthBytes, (piece + 1) * metainfo.pieceLengthBytes);
  }

  #fillDisk(): void {
    const request = { rootDir: DATA_DIR, path: [CONTENT_NAME], access: "write", modeBits: 0o600 } as const;
    const file = this.disk.open(request);
    assert(
      file.ok && file.value.write([this.#options.content.bytes], 0).ok && file.value.sync().ok,
      "the disk takes it",
    );
  }

  /** One flipped bit in every second piece, after the check that would have found it. */
  #rotDisk(): void {
    const { metainfo, bytes } = this.#options.content;
    const path = present(
      this.disk.paths().find((one) => one.endsWith(CONTENT_NAME)),
      "the content",
    );
    for (let at = 0; at < bytes.length; at += 2 * metainfo.pieceLengthBytes) this.disk.rot(path, at);
  }
}

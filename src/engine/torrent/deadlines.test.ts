import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import type { Engine, Torrent, WantedRange } from "../contract.ts";
import { add, fill, PORT, type Sample, sampleTorrent, TestWorld } from "../engine-under-test.ts";

const PIECE_BYTES = 64 * 1024;
const PIECES = 128;
const FIRST = 40;
const COUNT = 12;
const LEECH = "10.0.1.1";
const URGENT = Array.from({ length: COUNT }, (_, n) => FIRST + n);

class Cinema {
  readonly world = new TestWorld(1, 1_000_000);
  readonly sample: Sample = sampleTorrent({ pieceBytes: PIECE_BYTES, bytes: PIECES * PIECE_BYTES });
  readonly peers: { host: string; port: number }[] = [];
  readonly verified: { readonly piece: number; readonly atMs: number }[] = [];
  readonly late: number[] = [];
  readonly startMs = this.world.clock.monotonicMs();

  /** A peer that serves these pieces, all when none are named. */
  async seed(options: { bytesPerSecond?: number; pieces?: readonly number[] } = {}): Promise<void> {
    const host = `10.0.0.${this.peers.length + 1}`;
    const { bytesPerSecond, pieces } = options;
    const bytes = pieces === undefined ? this.sample.bytes : only(this.sample.bytes, pieces);
    fill(this.world.disk(host), { ...this.sample, bytes });
    const engine = await this.world.engine(
      host,
      bytesPerSecond === undefined ? {} : { limits: { up: bytesPerSecond } },
    );
    const torrent = add(engine, this.sample, { wantedFiles: [] });
    truthy(await this.world.until(() => torrent.status().state.at === "seeding"));
    equal(torrent.status().piecesDone, pieces?.length ?? PIECES);
    this.peers.push({ host, port: PORT });
  }

  engine(): Promise<Engine> {
    return this.world.engine(LEECH);
  }

  watch(torrent: Torrent): Torrent {
    torrent.on((event) => {
      const atMs = this.world.clock.monotonicMs();
      if (event.type === "pieceVerified") this.verified.push({ piece: event.piece, atMs });
      if (event.type === "pieceLate") this.late.push(event.piece);
    });
    return torrent;
  }

  /** One range for each piece: the first is needed after `firstMs`, each further one `everyMs` later. */
  film(firstMs: number, everyMs: number): (WantedRange & { readonly piece: number })[] {
    const nowMs = this.world.clock.monotonicMs();
    return URGENT.map((piece, n) => ({
      piece,
      fileIndex: 0,
      beginBytes: piece * PIECE_BYTES + 100,
      lengthBytes: PIECE_BYTES - 200,
      deadlineMs: nowMs + firstMs + n * everyMs,
    }));
  }

  /** Pieces of the film that came after their time, or not at all. */
  missed(film: ReturnType<Cinema["film"]>): number[] {
    const isMissed = ({ piece, deadlineMs }: (typeof film)[number]) => {
      const came = this.verified.find((one) => one.piece === piece);
      return came === undefined || came.atMs > deadlineMs;
    };
    return film.filter(isMissed).map(({ piece }) => piece);
  }

  firstVerified(count: number): number[] {
    const pieces = this.verified.slice(0, count).map(({ piece }) => piece);
    return pieces.toSorted((a, b) => a - b);
  }
}

function only(bytes: Uint8Array, pieces: readonly number[]): Uint8Array {
  const some = new Uint8Array(bytes.length);
  for (const piece of pieces) {
    const begin = piece * PIECE_BYTES;
    some.set(bytes.subarray(begin, begin + PIECE_BYTES), begin);
  }
  return some;
}

test("pieces with a deadline come first and in time, though all others are rarer", async () => {
  const cinema = new Cinema();
  await cinema.seed();
  await cinema.seed({ pieces: URGENT });
  await cinema.seed({ pieces: URGENT });
  const torrent = cinema.watch(add(await cinema.engine(), cinema.sample, { peers: cinema.peers }));
  const film = cinema.film(1_500, 150);
  torrent.want(film);
  truthy(await cinema.world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(cinema.missed(film), []);
  deepEqual(cinema.late, []);
  // The seed with everything has one piece of its own under way when the urgent ones are all given out.
  const others = cinema.verified.slice(0, COUNT).filter(({ piece }) => !URGENT.includes(piece));
  truthy(others.length <= 1, `${others.length} pieces without a deadline came before one with`);
});

test("a piece that was asked of a peer that crawls comes from others, in time", async () => {
  const cinema = new Cinema();
  await cinema.seed();
  await cinema.seed();
  await cinema.seed({ bytesPerSecond: 8_000 });
  const torrent = cinema.watch(add(await cinema.engine(), cinema.sample, { peers: cinema.peers }));
  const film = cinema.film(2_000, 500);
  torrent.want(film);
  truthy(await cinema.world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(cinema.missed(film), []);
  deepEqual(cinema.late, []);
  const { bytesWasted } = torrent.status();
  truthy(bytesWasted <= 8 * PIECE_BYTES, `${bytesWasted} bytes came twice`);
});

test("where the peers cannot keep the deadlines, each late piece is told once, and they still go first", async () => {
  const cinema = new Cinema();
  await cinema.seed({ bytesPerSecond: 100_000 });
  const torrent = cinema.watch(add(await cinema.engine(), cinema.sample, { peers: cinema.peers }));
  const film = cinema.film(2_000, 100);
  torrent.want(film);
  truthy(await cinema.world.until(() => cinema.verified.length >= COUNT));
  deepEqual(cinema.firstVerified(COUNT), URGENT);
  const missed = cinema.missed(film);
  truthy(missed.length > COUNT / 2, `only ${missed.length} were late`);
  equal(new Set(cinema.late).size, cinema.late.length, "each is told once");
  deepEqual(
    cinema.late.filter((piece) => !missed.includes(piece)),
    [],
  );
  // A piece that was late by less than the second between two looks may go untold.
  truthy(missed.length - cinema.late.length <= 2);
});

test("whoever wants something else is not told of what was wanted before", async () => {
  const cinema = new Cinema();
  await cinema.seed({ bytesPerSecond: 100_000 });
  const torrent = cinema.watch(add(await cinema.engine(), cinema.sample, { peers: cinema.peers }));
  torrent.want(cinema.film(2_000, 100));
  await cinema.world.clock.advance(1_000);
  torrent.want([]);
  await cinema.world.clock.advance(10_000);
  deepEqual(cinema.late, []);
});

test("what is wanted of a magnet waits for its metadata, and then goes first", async () => {
  const cinema = new Cinema();
  await cinema.seed();
  const { infoHashV1 } = cinema.sample.metainfo;
  const names = { infoHashV1, infoHashV2: undefined, displayName: undefined };
  const links = { trackers: [], webSeeds: [], peers: [], selectOnly: undefined, ignored: [] };
  const magnet = { kind: "magnet", magnet: { ...names, ...links } } as const;
  const torrent = cinema.watch(add(await cinema.engine(), cinema.sample, { source: magnet, peers: cinema.peers }));
  torrent.want(cinema.film(60_000, 100));
  equal(torrent.metainfo(), undefined);
  truthy(await cinema.world.until(() => cinema.verified.length === PIECES));
  const last = cinema.verified.findLastIndex(({ piece }) => URGENT.includes(piece));
  // The first second goes by before the ranges are planned; at a megabyte a second that is some fifteen pieces.
  truthy(last < PIECES / 2, `the last of them was the ${last}th`);
});

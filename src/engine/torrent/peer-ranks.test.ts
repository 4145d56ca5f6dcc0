import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { add, eventsOf, PORT, ScriptedPeer, sampleTorrent, TestWorld } from "../engine-under-test.ts";
import { OwnAddress } from "../own-address.ts";
import { PeerPool } from "./peer-pool.ts";
import { peerPriority } from "./peer-priority.ts";
import { PeerRanks } from "./peer-ranks.ts";

const OURS = "10.0.0.1";
const HOSTS = Array.from({ length: 12 }, (_, n) => `172.${16 + n}.${n * 20}.${n + 1}`);

/** Hosts, the highest priority first, as the engine at OURS has to see them. */
function byPriority(own: Endpoint): string[] {
  const rank = (host: string) => peerPriority(own, { host, port: PORT }) ?? 0;
  return HOSTS.toSorted((a, b) => rank(b) - rank(a));
}

test("candidates are dialled in the order of their priority, those that failed after all others", async () => {
  const clock = new SimClock();
  const sources = { ownAddress: new OwnAddress(), listening: () => [{ host: OURS, port: PORT }] };
  const ranks = new PeerRanks(sources, undefined);
  const pool = new PeerPool(() => ranks.now());
  for (const host of HOSTS) pool.add({ host, port: PORT }, "tracker");
  const expected = byPriority({ host: OURS, port: PORT });
  deepEqual(
    pool.due(clock.monotonicMs(), 12).map(({ remote }) => remote.host),
    expected,
  );
  const first = present(pool.get({ host: present(expected[0], "a host"), port: PORT }), "a peer");
  pool.failed(first, "refused", clock.monotonicMs());
  await clock.advance(60_000);
  deepEqual(
    pool.due(clock.monotonicMs(), 12).map(({ remote }) => remote.host),
    [...expected.slice(1), ...expected.slice(0, 1)],
  );
});

test("without a word about our own address nobody is preferred, and with one everybody is ranked by it", () => {
  const sources = { ownAddress: new OwnAddress(), listening: () => [{ host: "0.0.0.0", port: PORT }] };
  const ranks = new PeerRanks(sources, undefined);
  const remote = { host: "8.8.8.8", port: 1 };
  equal(ranks.now()(remote), 0);
  sources.ownAddress.said("9.9.9.9", "8.8.8.8");
  equal(ranks.now()(remote), peerPriority({ host: "9.9.9.9", port: PORT }, remote));
  equal(ranks.now()({ host: "2001:db8::1", port: 1 }), 0, "our IPv6 address is still unknown");
});

/** An engine with room for four, and peers that knock one after another. Returns who is in at the end. */
async function knocking(hosts: readonly string[]): Promise<string[]> {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const torrent = add(await world.engine(OURS), sample, { connectionsMax: 4 });
  truthy(await world.until(() => torrent.status().state.at === "downloading"));
  const events = eventsOf(torrent);
  for (const [n, host] of hosts.entries()) {
    const peer = await new ScriptedPeer().dial(world, host, { host: OURS, port: PORT });
    peer.handshake(present(sample.metainfo.infoHashV1, "a hash"), { peerId: new Uint8Array(20).fill(n + 1) });
    await world.clock.advance(200);
    truthy(torrent.status().peersConnected <= 4);
  }
  const whys = events.flatMap((event) => (event.type === "peerClosed" ? [event.why] : []));
  truthy(whys.every((why) => why === "outranked"));
  return torrent.peers().map(({ remote }) => remote.host);
}

test("a full torrent takes whoever outranks its lowest peer, and ends with the same peers in whatever order they come", async () => {
  const best = byPriority({ host: OURS, port: PORT }).slice(0, 4).toSorted();
  deepEqual((await knocking(HOSTS)).toSorted(), best);
  deepEqual((await knocking(HOSTS.toReversed())).toSorted(), best);
});

test("H65: who floods a full torrent from low addresses takes nobody's place", async () => {
  const ranked = byPriority({ host: OURS, port: PORT });
  const best = ranked.slice(0, 4);
  const attacker = present(ranked.at(-1), "the lowest");
  deepEqual((await knocking([...best, ...Array.from({ length: 30 }, () => attacker)])).toSorted(), best.toSorted());
});

test("H65: one host that fills a torrent from many ports keeps one place for each that others do not want", async () => {
  const ranked = byPriority({ host: OURS, port: PORT });
  const attacker = present(ranked[0], "the highest");
  const [first, second, third] = ranked.slice(-3);
  const flood = Array.from({ length: 10 }, () => attacker);
  const honest = [present(first, "a host"), present(second, "a host"), present(third, "a host")];
  deepEqual(
    (await knocking([...flood, ...honest.slice(0, 2)])).toSorted(),
    [attacker, attacker, ...honest.slice(0, 2)].toSorted(),
  );
  deepEqual((await knocking([...flood, ...honest, ...flood])).toSorted(), [attacker, ...honest].toSorted());
});

test("H65: a subscriber's /64 of IPv6 is one host, whatever addresses it takes", () => {
  const ranks = new PeerRanks({ ownAddress: new OwnAddress(), listening: () => [] }, undefined);
  const session = (host: string) => ({ source: "incoming", stream: { remote: { host, port: PORT } } }) as const;
  const [one, two, other] = [session("2a00:1:2:3::1"), session("2a00:1:2:3:4:5:6:7"), session("2a00:1:2:4::1")];
  equal(ranks.lowest([other, one, two], { host: "2a00:1:2:5::1", port: PORT }), one);
  equal(ranks.lowest([other, one, two], { host: "2a00:1:2:3::2", port: PORT }), undefined);
});

test("a peer that was named by hand is not dropped for another", async () => {
  const world = new TestWorld();
  const sample = sampleTorrent();
  const lowest = present(byPriority({ host: OURS, port: PORT }).at(-1), "the lowest");
  const friend = add(await world.engine(lowest), sample);
  const torrent = add(await world.engine(OURS), sample, { connectionsMax: 1, peers: [{ host: lowest, port: PORT }] });
  truthy(await world.until(() => torrent.peers().length === 1 && friend.peers().length === 1));
  for (const host of HOSTS.filter((one) => one !== lowest)) {
    const peer = await new ScriptedPeer().dial(world, host, { host: OURS, port: PORT });
    peer.handshake(present(sample.metainfo.infoHashV1, "a hash"));
    await world.clock.advance(100);
    equal(peer.heard.length, 0);
  }
  deepEqual(
    torrent.peers().map(({ remote }) => remote.host),
    [lowest],
  );
});

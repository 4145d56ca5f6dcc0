// What `swarmgate doctor` asks of a running node, with a real portal: the gate's blocks, and the call back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkNode } from "../../src/node/checks.ts";
import type { Check } from "../../src/wire/local/status.ts";
import { type Institution, institution } from "./institution.ts";

async function checked(here: Institution, name: string): Promise<Check[]> {
  return (await checkNode(here.session())).filter((check) => check.name === name);
}

test("a blocked computer is told the rule, since when, the reason and where to ask, and not of other devices", async (t) => {
  const here = await institution(t);
  assert.deepEqual(
    (await checked(here, "gate")).map(({ ok }) => ok),
    [true],
  );
  const officer = await here.portal.person("olga", ["network-officer"]);
  const other = await here.portal.device(here.mia);
  const { deviceId } = here.session().enrolment;
  const block = {
    address: "10.1.0.7",
    deviceId,
    application: "bittorrent",
    treatment: "refused",
    why: { code: "bt.handshake", sentence: "The BitTorrent handshake begins a direction of the flow." },
    rule: "zone campus: block\u001b[2J",
    zone: "campus",
    sinceMs: Date.UTC(2026, 10, 28, 1, 2),
    lastMs: Date.UTC(2026, 10, 28, 1, 5),
    flows: 3,
    packets: 4,
  };
  const blocks = [block, { ...block, deviceId: other.id, rule: "another device's" }];
  await officer.call("PUT", "/api/v1/gate/blocks", { body: { gate: "north", blocks } });
  const [check, ...more] = await checked(here, "gate");
  assert.deepEqual(more, []);
  assert.equal(check?.ok, false);
  assert.equal(
    check?.why,
    'Its bittorrent traffic is refused by the rule "zone campus: block\u{FFFD}[2J" of the gate north, since 2026-11-28 01:02 UTC, last at 2026-11-28 01:05 UTC. The BitTorrent handshake begins a direction of the flow. (bt.handshake)',
  );
  assert.match(check?.next ?? "", new RegExp(`ask for what you need: ${here.portal.url}/ask\\?device=${deviceId}$`));
});

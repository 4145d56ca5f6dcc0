// amuled on both sides of the gate, in the clear and obfuscated: nothing of a file comes through without a grant.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Amule, startEd2kServer } from "../lab/clients/amule.ts";
import { until } from "../lab/deadline.ts";
import { missing } from "../lab/requirements.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump", "amuled", "openssl");
const FILE_BYTES = 1_500_000;
const BEHAVIOURAL_BYTES_MAX = 65_536;
const WATCH_MS = 6000;

/** eD2k's hash of a file of one part. Node's own OpenSSL has no MD4. */
function md4(path: string): string {
  const words = ["dgst", "-md4", "-provider", "legacy", "-provider", "default", path];
  return execFileSync("openssl", words, { encoding: "utf8" }).trim().split(" ").at(-1) ?? "";
}

for (const obfuscated of [false, true]) {
  const how = obfuscated ? "obfuscated" : "in the clear";
  test(`amuled, ${how}, that knows a source from a server which nobody stops: ${obfuscated ? "at most 64 KiB" : "nothing"} comes through`, {
    skip,
  }, async () => {
    using yard = new Yard();
    const [host, serverHost] = [yard.client(), yard.client()];
    const folder = yard.newFolder("seeder");
    const source = { address: yard.outside.address, folder, obfuscated };
    using _server = await startEd2kServer(serverHost, source);
    const options = { server: serverHost.address, obfuscated };
    const content = new Map([["one.bin", randomBytes(FILE_BYTES)]]);
    using _seeder = await Amule.start(yard.outside, { folder, ...options }, content);
    const hash = md4(join(folder, "incoming/one.bin"));
    const config = yard.path("gate.json");
    writeFileSync(config, JSON.stringify({ management: [serverHost.address] }));
    using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config);
    using tap = await Wiretap.start(host, yard.path("tap.pcap"));
    using client = await Amule.start(host, { folder: yard.newFolder("client"), ...options });
    client.download(`ed2k://|file|one.bin|${FILE_BYTES}|${hash.toUpperCase()}|/`);
    await until("the client dials its source", () => tap.packets(yard.outside.address) > 0);
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    const received = tap.receivedBytes(yard.outside.address);
    assert.ok(received <= (obfuscated ? BEHAVIOURAL_BYTES_MAX : 0), `${received} bytes came through\n${gate.tail()}`);
    assert.equal(client.hasWhole("one.bin"), false);
    if (!obfuscated) assert.match(gate.stdout, /"action":"block".*"dstPort":4662,"application":"emule"/);
  });
}

// amuled on both sides of the gate, in the clear and obfuscated: nothing of a file comes through without a grant, and the
// source answers with one. aMule 2.3.3 stalls in many a transfer where there is no gate as well, so that the whole file is
// not waited for: the gate's verdict and the source's answer show what the grant opens.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { Amule } from "../lab/clients/amule.ts";
import { startEd2kServer } from "../lab/clients/ed2k-server.ts";
import { seededBytes } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import { missing } from "../lab/requirements.ts";
import { Institution } from "./institution.ts";
import { Wiretap } from "./wiretap.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump", "amuled", "openssl");
const FILE_BYTES = 1_500_000;
const BEHAVIOURAL_BYTES_MAX = 65_536;
const WATCH_MS = 6000;
const DIAL_MS_MAX = 120_000;

/** eD2k's hash of a file of one part. Node's own OpenSSL has no MD4. */
function md4(path: string): string {
  const words = ["dgst", "-md4", "-provider", "legacy", "-provider", "default", path];
  return execFileSync("openssl", words, { encoding: "utf8" }).trim().split(" ").at(-1) ?? "";
}

suite("amuled", { concurrency: 2 }, () => {
  for (const obfuscated of [false, true]) {
    const [how, most] = obfuscated
      ? ["obfuscated", "at most 64 KiB comes through, and a grant opens it"]
      : ["in the clear", "nothing comes through, and a grant opens it"];
    test(`${how}, with a source from a server which nobody stops: ${most}`, {
      skip,
    }, async () => {
      using yard = new Yard();
      const [host, serverHost] = [yard.client(), yard.client()];
      const { address } = yard.outside;
      using _server = await startEd2kServer(serverHost, { source: { address, obfuscated } });
      const knows = { server: serverHost.address };
      const content = new Map([["one.bin", seededBytes("one", FILE_BYTES)]]);
      const seeding = { folder: yard.newFolder("seeder"), address, obfuscated, knows };
      using seeder = await Amule.start(yard.outside, seeding, content);
      const link = `ed2k://|file|one.bin|${FILE_BYTES}|${md4(seeder.pathOf("one.bin")).toUpperCase()}|/`;
      const institution = new Institution(yard.folder);
      await institution.publish();
      const config = yard.path("gate.json");
      const devices = { laptop: { addresses: [host.address] } };
      writeFileSync(config, JSON.stringify({ management: [serverHost.address], devices }));
      const words = ["--mode", "enforce", "--confirm-within", "0", "--config", config, ...institution.words];
      using gate = await yard.gate(...words);
      using tap = await Wiretap.start(host, yard.path("tap.pcap"));
      const fetching = async (name: string): Promise<Amule> => {
        const client = await Amule.start(host, {
          folder: yard.newFolder(name),
          address: host.address,
          obfuscated,
          knows,
        });
        client.download(link);
        return client;
      };

      using refused = await fetching("refused");
      await until("the client dials its source", () => tap.packets(address) > 0, DIAL_MS_MAX);
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
      const received = tap.receivedBytes(address);
      assert.ok(received <= (obfuscated ? BEHAVIOURAL_BYTES_MAX : 0), `${received} bytes came through\n${gate.tail()}`);
      assert.equal(refused.hasWhole("one.bin"), false);
      await gate.printed(/"action":"block".*"dstPort":4662,"application":"emule"/, DIAL_MS_MAX);
      await refused.program.stop("SIGKILL");

      await institution.grant({ id: "G-1", device: "laptop", application: "emule" });
      await gate.printed(/"event":"grants","open":\[\{/);
      using _granted = await fetching("granted");
      await gate.printed(/"action":"granted".*"dstPort":4662/, DIAL_MS_MAX);
      const sinceGrant = gate.stdout.slice(gate.stdout.indexOf('"event":"grants","open":[{'));
      assert.doesNotMatch(sinceGrant, /"action":"block".*"dstPort":4662/);
      await until("the source answers", () => tap.receivedBytes(address) > received, DIAL_MS_MAX);
    });
  }
});
